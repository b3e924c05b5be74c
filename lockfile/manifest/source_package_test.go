package manifest

import (
	"strings"
	"testing"
)

func TestKptfile(t *testing.T) {
	commit := examplePin.Commit
	head := "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: a}\nupstream:\n  type: git\n  git:\n" +
		"    repo: " + source + "\n    directory: /pkg\n    ref: v1\n"
	locked := head + "upstreamLock:\n  type: git\n  git:\n    repo: " + source +
		"\n    directory: /pkg\n    ref: v1\n    commit: " + commit + "\n"
	checkSources(t, []sourceCase{
		{name: "locked", file: "Kptfile", src: locked, tracked: source + "@v1", pin: commit,
			form: BranchOrTag, holder: ByTree, why: "not edited"},
		{name: "not locked", file: "Kptfile", src: head, tracked: source + "@v1", form: BranchOrTag,
			holder: ByPlumbAlone, why: "no commit"},
		{name: "locked at another ref", file: "Kptfile", src: strings.Replace(locked, "ref: v1", "ref: v2", 1),
			tracked: source + "@v2", form: BranchOrTag, holder: ByPlumbAlone, why: "another"},
		{name: "locked from another repository", file: "Kptfile",
			src:     strings.Replace(locked, source, "https://github.com/acme/other", 1),
			tracked: "https://github.com/acme/other@v1", form: BranchOrTag, holder: ByPlumbAlone, why: "another"},
		{name: "a short commit", file: "Kptfile", src: strings.Replace(locked, commit, commit[:12], 1),
			tracked: source + "@v1", form: BranchOrTag, holder: ByPlumbAlone, why: "no commit"},
		{name: "no ref", file: "Kptfile", src: strings.Replace(head, "    ref: v1\n", "", 1),
			tracked: source + "@HEAD", form: Head, holder: ByPlumbAlone, why: "no commit"},
	})
	noSources(t, map[string]string{"another group": strings.Replace(locked, "kpt.dev", "acme.io", 1)})
}

func TestVendir(t *testing.T) {
	const head = "apiVersion: vendir.k14s.io/v1alpha1\nkind: Config\ndirectories:\n- path: lib\n" +
		"  contents:\n  - path: a\n    "
	sum := strings.Repeat("a", 64)
	const chart = "helmChart: {name: db, version: '^1', repository: {url: 'https://charts.example.org'}}\n"
	const url = "https://example.org/a.yaml"
	commit := examplePin.Commit
	checkSources(t, []sourceCase{
		{name: "a branch", src: head + "git: {url: '" + source + "', ref: origin/main}\n",
			tracked: source + "@main", form: Branch, holder: ByPlumbAlone, why: "not edited"},
		{name: "a name", src: head + "git: {url: '" + source + "', ref: v1}\n", tracked: source + "@v1",
			form: BranchOrTag, holder: ByPlumbAlone, why: "not edited"},
		{name: "a range", src: head + "git: {url: '" + source +
			"', refSelection: {semver: {constraints: '>=1'}}}\n", tracked: source + "@>=1", form: TagRange,
			holder: ByPlumbAlone, why: "not edited"},
		{name: "a commit", src: head + "git: {url: '" + source + "', ref: " + commit + "}\n",
			tracked: source + "@" + commit, pin: commit, form: Commit, holder: ByConsumer},
		{name: "a file", src: head + "http: {url: '" + url + "'}\n", tracked: url, form: OneFile,
			holder: ByPlumbAlone, why: "not edited"},
		{name: "a file and its hash", src: head + "http: {url: '" + url + "', sha256: " + sum + "}\n",
			tracked: url, pin: "sha256:" + sum, form: OneFile, holder: ByConsumer, why: "not edited"},
		{name: "a chart", src: head + chart, tracked: "https://charts.example.org#db@^1",
			form: VersionRange, holder: ByPlumbAlone, why: "not edited"},
		{name: "a chart of no repository", src: head + "helmChart: {name: db, version: 1.2.3}\n",
			pin: "1.2.3", form: Version, holder: ByPlumbAlone, why: "repository.url"},
		{name: "a release", src: head + "githubRelease: {slug: acme/app, tag: v1}\n", form: Tag,
			holder: NotHeld, why: "assets"},
		{name: "the latest release", src: head + "githubRelease: {slug: acme/app, latest: true}\n",
			form: NoForm, holder: NotHeld, why: "assets"},
	})
	noSources(t, map[string]string{
		"of the tree":   head + "manual: {}\n  - path: b\n    directory: {path: ../b}\n  - path: c\n    inline: {paths: {}}\n",
		"another group": strings.Replace(head, "vendir.k14s.io", "acme.io", 1) + chart,
		"the lock":      strings.Replace(head, "kind: Config", "kind: LockConfig", 1) + "git: {sha: " + commit + "}\n",
	})
}

func TestVendirBundle(t *testing.T) {
	src := "apiVersion: vendir.k14s.io/v1alpha1\nkind: Config\ndirectories:\n- path: lib\n  contents:\n" +
		"  - path: a\n    imgpkgBundle: {image: ghcr.io/acme/bundle:v1}\n" +
		"  - path: b\n    image: {url: 'ghcr.io/acme/files:v1'}\n  - path: c\n    manual: {}\n"
	f := NewScanner(Options{}).Scan("vendir.yml", []byte(src))
	if len(f.References) != 2 || f.References[0].Tracked != "ghcr.io/acme/bundle:v1" ||
		f.References[1].Tracked != "ghcr.io/acme/files:v1" {
		t.Errorf("%+v", f.References)
	}
}

func TestJsonnetfile(t *testing.T) {
	head := `{"version": 1, "dependencies": [{"source": {"git": {"remote": "` + source +
		`", "subdir": "lib"}}, "version": "main"}, {"source": {"local": {"directory": "x"}}}]}`
	commit := examplePin.Commit
	checkSources(t, []sourceCase{
		{name: "a branch", file: "jsonnetfile.json", src: head, tracked: source + "@main",
			form: BranchOrTag, holder: ByPlumbAlone, why: "not edited"},
		{name: "a commit", file: "x/jsonnetfile.json", src: strings.Replace(head, "main", commit, 1),
			tracked: source + "@" + commit, pin: commit, form: Commit, holder: ByConsumer, why: "not edited"},
		{name: "no version", file: "jsonnetfile.json", src: strings.Replace(head, "main", "", 1),
			tracked: source, holder: ByPlumbAlone, why: "no version"},
	})
	for _, name := range []string{"a.json", "vendor/github.com/a/b/jsonnetfile.json", "jsonnetfile.lock.json"} {
		if f := NewScanner(Options{}).Scan(name, []byte(head)); len(f.References) > 0 {
			t.Errorf("%s: %v", name, f.References)
		}
	}
}

func TestWerfIncludes(t *testing.T) {
	const head = "includes:\n- git: " + source + "\n  add: /\n  to: /\n  "
	commit := examplePin.Commit
	checkSources(t, []sourceCase{
		{name: "a branch", file: "werf-includes.yaml", src: head + "branch: main\n",
			tracked: source + "@main", form: Branch, holder: ByPlumbAlone, why: "not edited"},
		{name: "a tag", file: "werf-includes.yaml", src: head + "tag: v1\n", tracked: source + "@v1",
			form: Tag, holder: ByPlumbAlone, why: "not edited"},
		{name: "a commit", file: "werf-includes.yaml", src: head + "commit: " + commit + "\n",
			tracked: source + "@" + commit, pin: commit, form: Commit, holder: ByConsumer},
	})
	noSources(t, map[string]string{"another file": head + "branch: main\n"})
}
