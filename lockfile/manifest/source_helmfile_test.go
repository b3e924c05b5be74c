package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumb-dev/plumb/lockfile"
)

func TestHelmfile(t *testing.T) {
	const (
		head = "repositories:\n- name: acme\n  url: https://Charts.Example.org/\n- name: reg\n  url: ghcr.io/acme\n  oci: true\n---\n" +
			"releases:\n- name: web\n  namespace: prod\n  chart: "
		name = "https://charts.example.org#web"
		oci  = "oci://ghcr.io/acme#web"
		git  = head + "git::https://github.com/acme/bases.git@charts/web"
	)
	commit := examplePin.Commit
	cases := []sourceCase{
		{name: "exact", src: head + "acme/web\n  version: 1.2.3\n", tracked: name + "@1.2.3", pin: "1.2.3",
			form: Version, holder: ByPlumbAlone, why: "does not edit"},
		{name: "a range", src: head + "acme/web\n  version: ~1.2\n", tracked: name + "@~1.2",
			form: VersionRange, holder: ByPlumbAlone, why: "does not edit"},
		{name: "the newest", src: head + "acme/web\n", tracked: name + "@*", form: VersionRange,
			holder: ByPlumbAlone, why: "does not edit"},
		{name: "with devel", src: head + "acme/web\n  devel: true\n", tracked: name + "@>0.0.0-0",
			form: VersionRange, holder: ByPlumbAlone, why: "does not edit"},
		{name: "no version", src: head + "acme/web\n  version: newest\n", tracked: name + "@newest",
			holder: ByPlumbAlone, why: "neither a version nor a range"},
		{name: "a listed registry", src: head + "reg/web\n  version: 1.2.3\n", tracked: oci + "@1.2.3",
			pin: "1.2.3", form: Version, holder: ByPlumbAlone, why: "does not edit"},
		{name: "a registry", src: head + "oci://ghcr.io/acme/web\n  version: 1.2.3\n", tracked: oci + "@1.2.3",
			pin: "1.2.3", form: Version, holder: ByPlumbAlone, why: "does not edit"},
		{name: "a repository that is not listed", src: head + "other/web\n  version: 1.2.3\n", pin: "1.2.3",
			form: Version, holder: ByPlumbAlone, why: "repositories has no other"},
		{name: "an archive", src: head + "https://a.example/web.tgz\n", tracked: "https://a.example/web.tgz",
			form: OneFile, holder: ByPlumbAlone, why: "does not edit"},
		{name: "a bucket", src: head + "s3::https://a.example/web.tgz\n", holder: ByPlumbAlone,
			why: "does not read addresses"},
		{name: "git", src: git + "?ref=v1\n", tracked: bases + "@v1", form: BranchOrTag,
			holder: ByPlumbAlone, why: "does not edit"},
		{name: "git, HEAD", src: git + "\n", tracked: bases + "@HEAD", form: Head, holder: ByPlumbAlone,
			why: "does not edit"},
		{name: "git, pinned", src: git + "?ref=" + commit + " # plumb: v1\n", tracked: bases + "@v1", pin: commit,
			form: BranchOrTag, holder: ByConsumer, why: "does not edit"},
		{name: "another helmfile", src: "helmfiles:\n- path: git::ssh://git@github.com/acme/bases.git@helmfile.yaml?ref=v1\n",
			tracked: "ssh://github.com/acme/bases.git@v1", form: BranchOrTag, holder: ByPlumbAlone, why: "does not edit"},
		{name: "a base", src: "bases: ['git::https://github.com/acme/bases.git@a.yaml?ref=v1', ./b.yaml]\n",
			tracked: bases + "@v1", form: BranchOrTag, holder: ByPlumbAlone, why: "does not edit"},
		{name: "what releases inherit", src: "repositories: [{name: acme, url: https://a.example}]\n" +
			"templates: {web: {chart: acme/web, version: 1.0.0}}\nreleases: [{name: web, inherit: [{template: web}]}]\n",
			tracked: "https://a.example#web@1.0.0", pin: "1.0.0", form: Version, holder: ByPlumbAlone, why: "does not edit"},
		{name: "an added chart", src: "repositories: [{name: acme, url: https://a.example}]\n" +
			"releases: [{name: web, chart: ./web, dependencies: [{chart: acme/web, version: ^1}]}]\n",
			tracked: "https://a.example#web@^1", form: VersionRange, holder: ByPlumbAlone, why: "does not edit"},
		{name: "a version alone", src: "releases: [{name: web, version: 1.0.0}]\n", pin: "1.0.0", form: Version,
			holder: ByPlumbAlone, why: "named elsewhere"},
		{name: "two URLs", src: "repositories: [{name: a, url: https://a.example}, {name: a, url: https://b.example}]\n" +
			"releases: [{chart: a/web, version: 1.0.0}]\n", pin: "1.0.0", form: Version, holder: ByPlumbAlone,
			why: "more than one URL"},
	}
	for i := range cases {
		cases[i].file = "deploy/helmfile.yaml"
	}
	checkSources(t, cases)
}

func TestHelmfileNames(t *testing.T) {
	const src = "releases: [{name: web, chart: oci://ghcr.io/acme/web, version: 1.2.3}]\n"
	for name, want := range map[string]bool{
		"helmfile.yaml": true, "a/helmfile.yml": true, "helmfile.yaml.gotmpl": true, "a/web.helmfile.yaml": true,
		"helmfile.d/web.yaml": true, "a/helmfile.d/web.yaml.gotmpl": true,
		"a/web.yaml": false, "my-helmfile.yaml": false, "helmfile.d/values/web.yaml": false,
		"helmfile.lock": false, "web.yaml.gotmpl": false,
	} {
		found := false
		if Candidate(name) {
			f := NewScanner(Options{}).Scan(name, []byte(src))
			found = len(f.References) == 1 && f.References[0].Name == "web"
		}
		if found != want {
			t.Errorf("%s: found is %v, want %v", name, found, want)
		}
	}
}

// What is in the tree, what is not installed and objects are no sources of a helmfile.
func TestHelmfileIsNone(t *testing.T) {
	for _, src := range []string{
		"releases: [{chart: ./web}, {chart: ../web}, {chart: /web}, {chart: web}, {chart: a/b/c/d}]\n",
		"releases: [{chart: 'oci://ghcr.io/acme/web', version: 1.0.0, installed: false}]\n",
		"repositories: [{name: acme, url: https://a.example}]\n",
		"helmfiles: [{path: ./a.yaml}, b.yaml]\n",
		"apiVersion: acme.io/v1\nkind: Plan\nreleases: [{chart: 'oci://ghcr.io/acme/web'}]\n",
	} {
		f := NewScanner(Options{}).Scan("helmfile.yaml", []byte(src))
		for _, r := range f.References {
			if r.Input != lockfile.Artifact {
				t.Errorf("%s: %s is a source", src, r.Reference)
			}
		}
	}
}

// A folder of the tree is told from a repository that is not listed, a template that nothing
// fills is an error, and so is one that cannot be read.
func TestHelmfileInATree(t *testing.T) {
	const release = "releases:\n- chart: charts/web\n- chart: {{ .Values.chart }}\n"
	got := reported(t, map[string]string{"a/helmfile.yaml.gotmpl": release, "a/charts/web/Chart.yaml": "name: web\n"})
	if diff := cmp.Diff([]string{"!a/helmfile.yaml.gotmpl:3 {{ .Values.chart }}"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = reported(t, map[string]string{"a/helmfile.yaml.gotmpl": release, "charts/web/Chart.yaml": "name: web\n"})
	if diff := cmp.Diff([]string{"!a/helmfile.yaml.gotmpl:3 {{ .Values.chart }}", "a/helmfile.yaml.gotmpl:2 charts/web"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f := NewScanner(Options{}).Scan("helmfile.yaml.gotmpl", []byte("releases:\n{{ if .x }}\n- chart: a: b\n{{ end }}\n"))
	if f.Unreadable == nil {
		t.Error("a template that is no YAML without its actions is taken for one without charts")
	}
}
