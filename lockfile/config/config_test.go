package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

const head = "apiVersion: plumb.dev/v1\nkind: Config\n"

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseReadsEveryField(t *testing.T) {
	const text = head + `name: prod
include: [./apps/, "clusters/**/*.yaml"]
exclude:
  - vendor
policies: ["policies/*.yaml"]
unsigned: reject
pin: digest
platforms: [linux/amd64, linux/arm/v7]
registries:
  registry.example.com:5000:
    plainHTTP: true
    concurrency: 4
    timeout: 45s
  ghcr.io:
    caFile: certs/ca.pem
fields:
  - kind: Database
    group: acme.io
    path: spec.nodes[].image
  - path: spec.*.image
    registry: registry
    repository: repo
    tag: tag
    digest: sha
images:
  - "ghcr.io/acme/agent:1"
  - {name: nginx, track: ~1.27}
exceptions:
  - reference: "ghcr.io/acme/**"
    path: dev
    reason: signed next quarter
    owner: team-a
    expires: 2027-01-31
self:
  - git@github.com:acme/clusters.git
  - {url: "https://git.acme.io/clusters", branch: prod}
require: [image, release]
`
	want := &Config{
		Name:      "prod",
		Include:   []string{"apps", "clusters/**/*.yaml"},
		Exclude:   []string{"vendor"},
		Policies:  []string{"policies/*.yaml"},
		Unsigned:  UnsignedReject,
		Pin:       PinDigest,
		Platforms: []string{"linux/amd64", "linux/arm/v7"},
		Registries: map[string]Registry{
			"registry.example.com:5000": {PlainHTTP: true, Concurrency: 4, Timeout: 45 * time.Second},
			"ghcr.io":                   {CAFile: "certs/ca.pem"},
		},
		Fields: []Field{
			{APIGroup: "acme.io", Kind: "Database", Path: "spec.nodes[].image"},
			{Path: "spec.*.image", Registry: "registry", Repository: "repo", Tag: "tag", Digest: "sha"},
		},
		Images: []Image{
			{Name: "ghcr.io/acme/agent:1", Line: 28, Column: 5},
			{Name: "nginx", Track: "~1.27", Line: 29, Column: 12},
		},
		Self: []Self{{"git@github.com:acme/clusters.git", ""},
			{"https://git.acme.io/clusters", "prod"}},
		Require: []string{"image", "release"},
		Exceptions: []Exception{{
			Reference: "ghcr.io/acme/**", Path: "dev", Reason: "signed next quarter", Owner: "team-a",
			Expires: day(t, "2027-01-31"), Line: 31, Column: 5,
		}},
	}
	for name, text := range map[string]string{
		"plain":            text,
		"CRLF":             strings.ReplaceAll(text, "\n", "\r\n"),
		"byte order mark":  "\ufeff" + text,
		"no final newline": strings.TrimSuffix(text, "\n"),
		"one empty end":    text + "...\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse("plumb.yaml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseDefaults(t *testing.T) {
	got, err := Parse("plumb.yaml", []byte(head+"exclude: []\nexceptions: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default("")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
	if want.Pin != PinTagAndDigest {
		t.Errorf("Default pins by %q, want %q", want.Pin, PinTagAndDigest)
	}
}

func TestParseRefuses(t *testing.T) {
	const exception = "exceptions:\n  - {path: a, reason: r, owner: o, expires: 2027-01-31}\n"
	if _, err := Parse("f", []byte(head+exception)); err != nil {
		t.Fatalf("the exception that the cases below break is not taken: %v", err)
	}
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "f:1:1: is empty: begin with apiVersion: plumb.dev/v1 and kind: Config"},
		{"comments alone", "# nothing\n", "f:1:1: is empty: begin with apiVersion: plumb.dev/v1 and kind: Config"},
		{"a list", "- a\n", "f:1:1: plumb.yaml must be a mapping, not a list"},
		{"no apiVersion", "kind: Config\n", "f:1:1: plumb.yaml has no apiVersion"},
		{"no kind", "apiVersion: plumb.dev/v1\n", "f:1:1: plumb.yaml has no kind"},
		{"another apiVersion", "apiVersion: plumb.dev/v2\nkind: Config\n",
			`f:1:13: apiVersion must be plumb.dev/v1, not "plumb.dev/v2"`},
		{"another kind", "apiVersion: plumb.dev/v1\nkind: config\n", `f:2:7: kind must be Config, not "config"`},
		{"an unknown field", head + "inculde: [a]\n",
			`f:3:1: unknown field "inculde" in plumb.yaml: did you mean "include"?`},
		{"a field in another case", head + "Include: [a]\n",
			`f:3:1: unknown field "Include" in plumb.yaml: did you mean "include"?`},
		{"an unknown field like none", head + "registries:\n  ghcr.io:\n    proxy: [a]\n",
			`f:5:5: unknown field "proxy" in registries[ghcr.io]: known fields are plainHTTP, caFile, concurrency, timeout, mirrors`},
		{"a field twice", head + "name: a\nname: b\n", `f:4:1: duplicate field "name" in plumb.yaml`},
		{"a number for a name", head + "name: 1\n", "f:3:7: name must be a string, not a number (quote it)"},
		{"an empty name", head + "name: \"\"\n", "f:3:7: name is empty"},
		{"no name", head + "name:\n", "f:3:6: name must be a string, not nothing"},
		{"a string for a list", head + "include: a\n", "f:3:10: include must be a list, not a string"},
		{"a list of lists", head + "include: [[a]]\n", "f:3:11: include[0] must be a string, not a list"},
		{"nothing included", head + "include: []\n",
			"f:3:10: include is an empty list: leave it out for the default"},
		{"a bad glob", head + "exclude: ['[a']\n", `f:3:11: exclude[0]: "[a" is not a valid glob`},
		{"a glob above", head + "exclude: [a/../b]\n",
			`f:3:11: exclude[0]: "a/../b" holds "..": nothing above this file's directory is read`},
		{"an absolute glob", head + "exclude: [/a]\n",
			`f:3:11: exclude[0]: "/a" is absolute: globs are relative to this file's directory`},
		{"a negated glob", head + "include: ['!a']\n",
			`f:3:11: include[0]: "!a" begins with an exclamation mark: list it in exclude instead`},
		{"a glob twice", head + "exclude: [a, a]\n", `f:3:14: exclude[1]: duplicate "a"`},
		{"unsigned otherwise", head + "unsigned: warn\n", `f:3:11: unsigned must be reject or allow, not "warn"`},
		{"pin otherwise", head + "pin: tag\n", `f:3:6: pin must be tag+digest or digest, not "tag"`},
		{"a bad platform", head + "platforms: [linux]\n",
			`f:3:13: platforms[0]: "linux" is not a valid platform: write os/architecture or os/architecture/variant, as in linux/arm64`},
		{"no platforms", head + "platforms: []\n",
			"f:3:12: platforms is an empty list: leave it out for the default"},
		{"a URL for a host", head + "registries: {'https://a.b': {}}\n",
			`f:3:14: registries: "https://a.b" is not a valid registry host: write it as in registry.example.com:5000`},
		{"a repository for a host", head + "registries: {ghcr.io/acme: {}}\n",
			`f:3:14: registries: "ghcr.io/acme" is not a valid registry host: write it as in registry.example.com:5000`},
		{"one host by two names", head + "registries: {ghcr.io: {}, GHCR.io: {}}\n",
			`f:3:27: registries: duplicate "GHCR.io", it is ghcr.io`},
		{"Docker Hub by two names", head + "registries: {docker.io: {}, index.docker.io: {}}\n",
			`f:3:29: registries: duplicate "index.docker.io", it is docker.io`},
		{"a bare word for a host", head + "registries: {acme: {}}\n",
			`f:3:14: registries: "acme" is not a valid registry host: write it as in registry.example.com:5000`},
		{"a string for a boolean", head + "registries: {ghcr.io: {plainHTTP: \"true\"}}\n",
			"f:3:35: registries[ghcr.io].plainHTTP must be true or false, not a string"},
		{"plain HTTP and a certificate", head + "registries: {ghcr.io: {plainHTTP: true, caFile: a}}\n",
			"f:3:23: registries[ghcr.io] has both plainHTTP and caFile: plain HTTP checks no certificate"},
		{"no concurrency", head + "registries: {ghcr.io: {concurrency: 0}}\n",
			"f:3:37: registries[ghcr.io].concurrency must be a number from 1 to 256"},
		{"no time", head + "registries: {ghcr.io: {timeout: 0s}}\n",
			"f:3:33: registries[ghcr.io].timeout must be a duration from 1s to 10m, as in 30s"},
		{"a time without a unit", head + "registries: {ghcr.io: {timeout: 30}}\n",
			"f:3:33: registries[ghcr.io].timeout must be a duration from 1s to 10m, as in 30s"},
		{"a field without a path", head + "fields: [{kind: A}]\n", "f:3:10: fields[0] has no path"},
		{"a bad path", head + "fields: [{path: a..b}]\n",
			`f:3:17: fields[0].path: "a..b" is not a valid path of a field: write keys with dots between them, [] behind one that holds a list, * for any key`},
		{"parts without a repository", head + "fields: [{path: a, tag: t}]\n",
			"f:3:10: fields[0] has parts of an image but no repository"},
		{"an exception without a reason", head + strings.Replace(exception, "reason: r, ", "", 1),
			"f:4:5: exceptions[0] has no reason"},
		{"an exception without an owner", head + strings.Replace(exception, "owner: o, ", "", 1),
			"f:4:5: exceptions[0] has no owner"},
		{"an exception for ever", head + strings.Replace(exception, ", expires: 2027-01-31", "", 1),
			"f:4:5: exceptions[0] has no expires"},
		{"an exception for all", head + strings.Replace(exception, "path: a, ", "", 1),
			"f:4:5: exceptions[0] has neither reference nor path: it would except everything"},
		{"a day that is none", head + strings.Replace(exception, "01-31", "02-30", 1),
			"f:4:45: exceptions[0].expires must be a day, as in 2027-01-31"},
		{"an hour", head + strings.Replace(exception, "01-31", "01-31T10:00:00Z", 1),
			"f:4:45: exceptions[0].expires must be a day, as in 2027-01-31"},
		{"a bad reference glob", head + strings.Replace(exception, "path: a", "reference: '{a'", 1),
			`f:4:17: exceptions[0].reference: "{a" is not a valid glob`},
		{"an alias", head + "include: &a [x]\nexclude: *a\n", "f:4:10: exclude must be a list, not an alias"},
		{"a merge key", head + "<<: {name: a}\n",
			"f:3:1: merge keys are not allowed in plumb.yaml: write out the fields"},
		{"a second document", head + "---\nname: a\n", "f:4:1: there is a second document, and only one is allowed"},
		{"no YAML", head + "name: [\n", "f:3:1: did not find expected node content"},
		{"behind wide letters", head + "# ä\u2028\nfields: [{path: ä, naem: x}]\n",
			`f:4:21: unknown field "naem" in fields[0]: known fields are group, kind, path, registry, repository, tag, digest`},
		{"all at once", head + "pin: tag\nname: 1\nplatforms: [a, b]\n",
			"f:3:6: pin must be tag+digest or digest, not \"tag\"\n" +
				"f:4:7: name must be a string, not a number (quote it)\n" +
				"f:5:13: platforms[0]: \"a\" is not a valid platform: write os/architecture or os/architecture/variant, as in linux/arm64\n" +
				"f:5:16: platforms[1]: \"b\" is not a valid platform: write os/architecture or os/architecture/variant, as in linux/arm64"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := Parse("f", []byte(test.text))
			if err == nil {
				t.Fatalf("Parse took it as %+v", c)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("Parse's error (-want +got):\n%s", diff)
			}
			var first *yaml.Error
			if !errors.As(err, &first) || first.File != "f" {
				t.Errorf("Parse's error holds no *yaml.Error with a file: %#v", err)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	own := &Config{Include: []string{"apps", "clusters/**/*.{yaml,txt}"}, Exclude: []string{"apps/*/vendor", "**/secret.yaml"}}
	except := &Config{Exclude: []string{"charts"}}
	tests := []struct {
		name              string
		config            *Config
		path              string
		matches, included bool
	}{
		{"YAML", Default("x"), "a/b.yaml", true, false},
		{"short YAML", Default("x"), "b.yml", true, false},
		{"JSON", Default("x"), "b.json", true, false},
		{"a kustomization", Default("x"), "a/Kustomization", true, false},
		{"a Kptfile", Default("x"), "Kptfile", true, false},
		{"a helmfile that is a template", Default("x"), "a/helmfile.yaml.gotmpl", true, false},
		{"one of a folder of them", Default("x"), "helmfile.d/web.yml.gotmpl", true, false},
		{"another template", Default("x"), "a/values.yaml.gotmpl", false, false},
		{"other text", Default("x"), "a/b.txt", false, false},
		{"a name that ends alike", Default("x"), "a/MyKustomization", false, false},
		{"in capitals", Default("x"), "a/B.YAML", true, false},
		{"in both cases", Default("x"), "a/b.Json", true, false},
		{"a kustomization in capitals", Default("x"), "a/KUSTOMIZATION", false, false},
		{"in the folder of evidence", Default("x"), ".plumb/x.yaml", true, false},
		{"evidence, which may be an object", Default("x"), ".plumb/evidence/sha256-0.json", true, false},
		{"excluded evidence", &Config{Exclude: []string{".plumb"}}, ".plumb/evidence/sha256-0.json", false, false},
		{"not excluded", except, "a.yaml", true, false},
		{"in an excluded directory", except, "charts/a/b.yaml", false, false},
		{"beside an excluded directory", except, "charts2/b.yaml", true, false},
		{"in an included directory", own, "apps/a/b", true, true},
		{"an excluded part of it", own, "apps/a/vendor/b", false, false},
		{"by a glob", own, "clusters/a/b/c.txt", true, true},
		{"by a glob, not below", own, "clusters/c.txt", true, true},
		{"of another suffix", own, "clusters/a/c.json", false, false},
		{"not named", own, "a.yaml", false, false},
		{"excluded by name", own, "clusters/a/secret.yaml", false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.config.Matches(test.path); got != test.matches {
				t.Errorf("Matches(%q) = %v, want %v", test.path, got, test.matches)
			}
			if got := test.config.Included(test.path); got != test.included {
				t.Errorf("Included(%q) = %v, want %v", test.path, got, test.included)
			}
		})
	}
}

func TestExcepted(t *testing.T) {
	last := day(t, "2027-01-31")
	c := &Config{Exceptions: []Exception{
		{Reference: "ghcr.io/acme/*", Expires: last},
		{Path: "dev", Expires: last},
		{Reference: "docker.io/**", Path: "dev", Expires: last},
		{Reference: "nginx:*", Expires: last.AddDate(1, 0, 0)},
	}}
	tests := []struct {
		name  string
		at    time.Time
		path  string
		names []string
		want  []int
	}{
		{"by reference", last, "a.yaml", []string{"ghcr.io/acme/x:1"}, []int{0}},
		{"another reference", last, "a.yaml", []string{"ghcr.io/acme/x/y:1"}, nil},
		{"by path", last, "dev/a.yaml", []string{"quay.io/x"}, []int{1}},
		{"by both", last, "dev/a.yaml", []string{"quay.io/x", "docker.io/library/x"}, []int{1, 2}},
		{"one of both", last, "prod/a.yaml", []string{"docker.io/library/x"}, nil},
		{"by its other name", last, "a.yaml", []string{"nginx:1", "docker.io/library/nginx:1"}, []int{3}},
		{"at the last moment", last.Add(24*time.Hour - 1), "a.yaml", []string{"ghcr.io/acme/x:1"}, []int{0}},
		{"a moment later", last.Add(24 * time.Hour), "a.yaml", []string{"ghcr.io/acme/x:1"}, nil},
		{"a day that is over here, not in UTC", last.Add(23 * time.Hour).In(time.FixedZone("east", 14*3600)),
			"a.yaml", []string{"ghcr.io/acme/x:1"}, []int{0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := c.Excepted(test.at, test.path, test.names...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Excepted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAcceptsUnmatched(t *testing.T) {
	for _, tt := range []struct {
		unsigned string
		policies int
		want     bool
	}{
		{"", 0, true},
		{"", 1, false},
		{UnsignedAllow, 0, true},
		{UnsignedAllow, 1, true},
		{UnsignedReject, 0, false},
		{UnsignedReject, 1, false},
	} {
		c := &Config{Unsigned: tt.unsigned}
		if got := c.AcceptsUnmatched(tt.policies); got != tt.want {
			t.Errorf("unsigned: %q with %d policies accepts what matches none: %v, want %v", tt.unsigned, tt.policies, got, tt.want)
		}
	}
}
