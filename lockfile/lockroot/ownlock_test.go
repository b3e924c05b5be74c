package lockroot_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// Helm rejects a Chart.yaml whose dependencies differ from those in its Chart.lock, so the
// version there is the pin, and nothing is edited.
func TestChartLock(t *testing.T) {
	lock := "dependencies:\n- name: db\n  repository: https://charts.example.org/\n  version: 1.2.3\n" +
		"digest: sha256:" + strings.Repeat("a", 64) + "\n"
	for name, tt := range map[string]struct {
		file, lock, pin string
		editable        bool
	}{
		"none":                 {"Chart.yaml", "", "", true},
		"as the chart has it":  {"Chart.yaml", lock, "1.2.3", false},
		"of Helm 2":            {"requirements.yaml", lock, "1.2.3", false},
		"out of the range":     {"Chart.yaml", strings.Replace(lock, "1.2.3", "2.0.0", 1), "", false},
		"no version":           {"Chart.yaml", strings.Replace(lock, "1.2.3", "^1", 1), "", false},
		"of another chart":     {"Chart.yaml", strings.Replace(lock, "db", "cache", 1), "", false},
		"of another place":     {"Chart.yaml", strings.Replace(lock, "charts.", "mirror.", 1), "", false},
		"what cannot be read":  {"Chart.yaml", "dependencies: [", "", false},
		"an empty one":         {"Chart.yaml", "\n", "", false},
		"one of another chart": {"web/Chart.yaml", "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{tt.file: webChart, "Chart.lock": tt.lock}
			switch {
			case tt.file == "requirements.yaml":
				files = map[string]string{tt.file: webChart, "requirements.lock": tt.lock}
			case tt.file == "web/Chart.yaml":
				files["Chart.lock"] = lock
			case tt.lock == "":
				delete(files, "Chart.lock")
			}
			dir := folder(t, files)
			git(t, dir, "add", "-A")
			git(t, dir, "commit", "-qm", "a")
			for _, open := range ways {
				r := chartIn(t, dir, open, tt.file)
				edits := r.PinSource(manifest.SourcePin{Version: "1.9.9"})
				if r.Source.Pin != tt.pin || r.Editable != tt.editable || (len(edits) > 0) != tt.editable ||
					r.Source.Holder != manifest.ByPlumbAlone || !tt.editable && r.Why == "" {
					t.Errorf("pin %q, held by %s, editable %v, %q", r.Source.Pin, r.Source.Holder, r.Editable, r.Why)
				}
			}
		})
	}
}

const app = "https://github.com/acme/app.git"

// Each lock of another tool that has what its configuration names stands beside one that
// does not, and content that is in the tree beside content that is not.
func TestOwnLocks(t *testing.T) {
	one, two := strings.Repeat("5b", 20), strings.Repeat("6c", 20)
	vendir := func(content string) string {
		return "apiVersion: vendir.k14s.io/v1alpha1\nkind: Config\ndirectories:\n- path: lib\n" +
			"  contents:\n  - path: db\n    " + content + "\n"
	}
	vendirLock := func(content string) string {
		return strings.Replace(vendir(content), "kind: Config", "kind: LockConfig", 1)
	}
	git := vendir("git: {url: '" + app + "', ref: origin/main}")
	gitLock := vendirLock("git: {sha: " + one + ", tags: [v1]}")
	chart := vendir("helmChart: {name: db, version: ^1, repository: {url: 'https://charts.example.org'}}")
	release := vendir("githubRelease: {slug: acme/app, tag: v1}")
	jsonnet := func(version string) string {
		return `{"version": 1, "dependencies": [{"source": {"git": {"remote": "` + app +
			`", "subdir": "lib"}}, "version": "` + version + `", "sum": "x"}]}`
	}
	werf := "includes:\n- git: " + app + "\n  branch: main\n  add: /\n  to: /\n"
	werfLock := func(branch, commit string) string {
		return "includes:\n- git: " + app + "\n  branch: " + branch + "\n  commit: " + commit + "\n"
	}
	const kept = "x/lib/db/a.yaml"
	for name, tt := range map[string]struct {
		file, text, lock, lockText, has string
		pin                             string
		holder                          manifest.Holder
		why                             string
	}{
		"vendir": {"vendir.yml", git, "vendir.lock.yml", gitLock, kept, one, manifest.ByTree, "not edited"},
		"vendir, of another folder": {"vendir.yml", git, "vendir.lock.yml", strings.Replace(gitLock, "db", "web", 1), kept,
			"", manifest.ByPlumbAlone, "does not have it"},
		"vendir, whose folder is not committed": {"vendir.yml", git, "vendir.lock.yml", gitLock, "a.yaml", "",
			manifest.ByPlumbAlone, "no folder"},
		"vendir, without a lock": {"vendir.yml", git, "x.yml", gitLock, kept, "", manifest.ByPlumbAlone, "not edited"},
		"vendir, a chart":        {"vendir.yml", chart, "vendir.lock.yml", vendirLock("helmChart: {version: 1.2.3}"), kept, "1.2.3", manifest.ByTree, ""},
		"vendir, a chart out of range": {"vendir.yml", chart, "vendir.lock.yml", vendirLock("helmChart: {version: 2.0.0}"), kept, "",
			manifest.ByPlumbAlone, "does not have it"},
		"vendir, a release": {"vendir.yml", release, "vendir.lock.yml", vendirLock("githubRelease: {tag: v1}"), kept, "v1", manifest.ByTree, ""},
		"vendir, a release of another tag": {"vendir.yml", release, "vendir.lock.yml", vendirLock("githubRelease: {tag: v2}"), kept, "",
			manifest.NotHeld, "does not have it"},
		"jsonnet": {"jsonnetfile.json", jsonnet("main"), "jsonnetfile.lock.json", jsonnet(one), "a.yaml", one, manifest.ByConsumer, ""},
		"jsonnet, vendored": {"jsonnetfile.json", jsonnet("main"), "jsonnetfile.lock.json", jsonnet(one),
			"x/vendor/github.com/acme/app/lib/a.libsonnet", one, manifest.ByTree, ""},
		"jsonnet, of another commit": {"jsonnetfile.json", jsonnet(two), "jsonnetfile.lock.json", jsonnet(one), "a.yaml", "",
			manifest.ByPlumbAlone, "does not have its commit"},
		"jsonnet, of another folder": {"jsonnetfile.json", jsonnet("main"), "jsonnetfile.lock.json",
			strings.Replace(jsonnet(one), `"lib"`, `"libs"`, 1), "a.yaml", "", manifest.ByPlumbAlone, "does not have its commit"},
		"werf": {"werf-includes.yaml", werf, "werf-includes.lock", werfLock("main", one), "a.yaml", one, manifest.ByConsumer, ""},
		"werf, of another branch": {"werf-includes.yaml", werf, "werf-includes.lock", werfLock("dev", one), "a.yaml", "",
			manifest.ByPlumbAlone, "does not have its commit"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"x/" + tt.file: tt.text, "x/" + tt.lock: tt.lockText, tt.has: "a: 1\n"})
			r := chartIn(t, dir, ways["work tree"], "x/"+tt.file)
			if r.Source.Pin != tt.pin || r.Source.Holder != tt.holder || r.Editable ||
				!strings.Contains(r.Why, tt.why) {
				t.Errorf("pin %q, held by %s: %s", r.Source.Pin, r.Source.Holder, r.Why)
			}
			if (r.Tracked == "") != (r.Source.Holder == manifest.NotHeld) {
				t.Errorf("tracked as %q", r.Tracked)
			}
		})
	}
}
