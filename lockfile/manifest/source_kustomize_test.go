package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

// The addresses are those of kustomize's own test of its parser.
func TestParseRepoSpec(t *testing.T) {
	for _, c := range []struct{ entry, clone, dir, ref string }{
		{"https://git-codecommit.us-east-2.amazonaws.com/o/r/d?ref=b",
			"https://git-codecommit.us-east-2.amazonaws.com/o/r", "d", "b"},
		{"http://github.com/o/r.git/d", "https://github.com/o/r.git", "d", ""},
		{"gitHub.com/o/r/d", "https://github.com/o/r", "d", ""},
		{"github.com:o/r/d", "https://github.com/o/r", "d", ""},
		{"git@github.com:o/r/d", "git@github.com:o/r", "d", ""},
		{"git@github.com/o/r/d", "git@github.com:o/r", "d", ""},
		{"git::git@github.com:o/r", "git@github.com:o/r", "", ""},
		{"GIT::hTTps://gitlab.com/o/r", "https://gitlab.com/o/r", "", ""},
		{"org-12345@github.com/o/r", "org-12345@github.com:o/r", "", ""},
		{"ssh://org-12345@github.com/o/r", "org-12345@github.com:o/r", "", ""},
		{"ssh://git@github.com/o/r//a/b?ref=v1", "git@github.com:o/r", "a/b", "v1"},
		{"ssh://git.example.com:7999/o/r", "ssh://git.example.com:7999/o/r", "", ""},
		{"ssh://git@ssh.github.com:443/O/R.git", "ssh://git@ssh.github.com:443/O/R.git", "", ""},
		{"git@gitlab2.sqtools.ru:a/b/c.git?ref=v0", "git@gitlab2.sqtools.ru:a/b/c.git", "", "v0"},
		{"git@bitbucket.org:c/p.git//d?ref=b", "git@bitbucket.org:c/p.git", "d", "b"},
		{"git@bitbucket.org/c/p.git//d", "git@bitbucket.org/c/p.git", "d", ""},
		{"git@gitlab.com/user:name/R.git/d", "git@gitlab.com/user:name/R.git", "d", ""},
		{"https://itfs.corp/c/p/_git/r?version=v1", "https://itfs.corp/c/p/_git/r", "", "v1"},
		{"https://u@dev.azure.com/o/p/_git/r//a/b", "https://u@dev.azure.com/o/p/_git/r", "a/b", ""},
		{"https://org.visualstudio.com/p/_git/r/a", "https://org.visualstudio.com/p/_git/r", "a", ""},
		{"https://bitbucket.example.com/scm/p/r.git", "https://bitbucket.example.com/scm/p/r.git", "", ""},
		{"https://github.com/o/r//a/b/?ref=v1", "https://github.com/o/r", "a/b/", "v1"},
		{"https://example.org/a/b/c//d", "https://example.org/a/b/c", "d", ""},
		{"https://a/o/r/?ref=x_git/y", "https://a/o/r", "", "x_git/y"},
		{"https://a/o/r/%-bad", "https://a/o/r", "%-bad", ""},
		{"https://a/o/r?version=b&ref=v1", "https://a/o/r", "", "v1"},
		{"https://a/o/r?ref=v1;x", "https://a/o/r", "", ""},
		{"file:///a/b/c?ref=v1", "file:///a/b/c", "", "v1"},
		{"file://git@home/r.git//d", "file://git@home/r.git", "d", ""},
		{"git@gist.github.com:bc79.git", "git@gist.github.com:bc79.git", "", ""},
	} {
		s, ok := parseRepoSpec(c.entry)
		if !ok || s.clone != c.clone || s.dir != c.dir || s.ref != c.ref {
			t.Errorf("%q: got %v %+v", c.entry, ok, s)
		}
	}
	for _, entry := range []string{"/tmp", "../../tmp", "src/github.com/o/r/d", "iauhsd",
		"htxxxtp://github.com/", "ssh://git.example.com", "git::___", "https://host?ref=a/b",
		"https://github.com/o/r.git//d/../../x", "github.com!o/r.git//d", "gh:o/r",
		"https://github.com/thisisa404.yaml", "file:////tmp//a", "git@scp://github.com/o/r.git//d",
		"git@ssh://github.com/o/r.git//d", "", "base", "./base", "github.com", "a@b",
		"apiVersion: v1\nkind: github.com/a/b"} {
		if s, ok := parseRepoSpec(entry); ok {
			t.Errorf("%q is no repository: %+v", entry, s)
		}
	}
}

func TestGitFolders(t *testing.T) {
	commit, old := examplePin.Commit, strings.Repeat("1", 40)
	const base = "https://github.com/acme/app//deploy"
	const url = "https://github.com/acme/app"
	var cases []sourceCase
	for _, c := range []struct {
		entry, follows, pin string
		form                Form
		pinned              string
	}{
		{base + "?ref=v1", "v1", "", BranchOrTag, base + "?version=v1&ref=" + commit},
		{base + "?timeout=90&ref=v1&submodules=false", "v1", "", BranchOrTag,
			base + "?timeout=90&version=v1&ref=" + commit + "&submodules=false"},
		{base + "?version=v1", "v1", "", BranchOrTag, base + "?version=v1&ref=" + commit},
		{base + "?version=v1&ref=", "v1", "", BranchOrTag, base + "?version=v1&ref=" + commit},
		{base + "?version=v0&ref=v1", "v1", "", BranchOrTag, base + "?version=v1&ref=" + commit},
		{base + "?ref=v1&version=v1", "v1", "", BranchOrTag, base + "?ref=" + commit + "&version=v1"},
		{base + "?ref=refs/tags/v1", "refs/tags/v1", "", FullRef,
			base + "?version=refs/tags/v1&ref=" + commit},
		{base, "HEAD", "", Head, base + "?ref=" + commit + " # plumb: HEAD"},
		{base + "?timeout=90", "HEAD", "", Head,
			base + "?timeout=90&ref=" + commit + " # plumb: HEAD"},
		{base + "?ref=" + old, old, old, Commit, base + "?ref=" + commit},
		{base + "?version=" + old, old, old, Commit, base + "?version=" + commit},
		{base + "?version=v1&ref=" + old, "v1", old, BranchOrTag, base + "?version=v1&ref=" + commit},
		{base + "?ref=" + old + " # plumb: HEAD", "HEAD", old, Head,
			base + "?ref=" + commit + " # plumb: HEAD"},
		{base + "?ref=" + old + " # plumb: main; ours", "main", old, BranchOrTag,
			base + "?ref=" + commit + " # plumb: main; ours"},
		{`"` + base + `?ref=v1" # ours`, "v1", "", BranchOrTag,
			`"` + base + "?version=v1&ref=" + commit + `" # ours`},
		{"'" + base + "'", "HEAD", "", Head, "'" + base + "?ref=" + commit + "' # plumb: HEAD"},
		{"github.com/acme/app//deploy?ref=v1", "v1", "", BranchOrTag,
			"github.com/acme/app//deploy?version=v1&ref=" + commit},
		{"github.com/acme/app", "HEAD", "", Head,
			"github.com/acme/app?ref=" + commit + " # plumb: HEAD"},
	} {
		for _, list := range []string{"resources", "components", "bases", "generators",
			"transformers", "validators"} {
			cases = append(cases, sourceCase{name: list + " " + c.entry, file: "kustomization.yaml",
				src: kustomized(list, c.entry), tracked: url + "@" + c.follows, pin: c.pin,
				form: c.form, holder: ByConsumer, want: kustomized(list, c.pinned)})
		}
	}
	checkSources(t, cases)
}

// What kustomize first asks the server for is told by its text.
func TestGitOrFile(t *testing.T) {
	for entry, want := range map[string]lockfile.Kind{
		"https://example.com/a/b":                                                    lockfile.Git,
		"https://example.com/a/b.yaml":                                               lockfile.URL,
		"https://example.com/a/b.YML":                                                lockfile.URL,
		"https://example.com/a/b.json":                                               lockfile.URL,
		"https://example.com/a/b/c.yaml?ref=v1":                                      lockfile.Git,
		"https://example.com/a/b.git/c.yaml":                                         lockfile.Git,
		"https://example.com/a":                                                      lockfile.URL,
		"https://example.com/a/_git/b":                                               lockfile.Git,
		"https://raw.githubusercontent.com/a/b/main/c":                               lockfile.URL,
		"https://github.com/a/b/releases/latest/download/c":                          lockfile.URL,
		"https://github.com/a/b/tree/main/c":                                         lockfile.Git,
		"https://gitlab.com/api/v4/projects/a%2Fb/repository/files/c.yaml/raw?ref=v": lockfile.URL,
		"ssh://git@example.com/a/b.yaml":                                             lockfile.Git,
		"git@example.com:a/b":                                                        lockfile.Git,
		"github.com/a/b/c.yaml":                                                      lockfile.Git,
		"base":                                                                       "",
		"../base":                                                                    "",
		"deploy/github.com/a/b":                                                      "",
	} {
		f := NewScanner(Options{}).Scan("kustomization.yaml", []byte(kustomized("resources", entry)))
		got := lockfile.Kind("")
		for _, r := range f.References {
			if got = r.Input; r.Reference != entry || r.Line != 2 || r.Column != 5 ||
				r.Field != "resources[0]" {
				t.Errorf("%q: %+v", entry, r)
			}
		}
		if got != want || len(f.Remarks) > 0 || want != "" && len(f.uses) > 0 {
			t.Errorf("%q: got %q, want %q (%v, %v)", entry, got, want, f.Remarks, f.uses)
		}
	}
}

func TestKustomizeFiles(t *testing.T) {
	const url = "https://example.com/a.yaml"
	for _, src := range []string{
		kustomized("crds", url), kustomized("configurations", url), "openapi:\n  path: " + url + "\n",
		"patches:\n  - path: " + url + "\n", kustomized("patchesStrategicMerge", url),
		"patchesJson6902:\n  - path: " + url + "\n", "replacements:\n  - path: " + url + "\n",
		"configMapGenerator:\n  - name: a\n    files:\n      - " + url + "\n",
		"configMapGenerator:\n  - name: a\n    files:\n      - key=" + url + "\n",
		"secretGenerator:\n  - name: a\n    envs: [\"" + url + "\"]\n",
	} {
		f := NewScanner(Options{}).Scan("kustomization.yaml", []byte(src))
		if r := oneSource(t, &f); r == nil || r.Input != lockfile.URL || r.Tracked != url ||
			len(f.uses) > 0 || r.Field == "" {
			t.Errorf("%q: %+v", src, r)
		}
		local := NewScanner(Options{}).Scan("kustomization.yaml",
			[]byte(strings.ReplaceAll(src, url, "a.yaml")))
		if len(local.References) > 0 {
			t.Errorf("%q: a file of the tree is a source", src)
		}
	}
	pinned := examplePin.Commit
	entry := "configMapGenerator:\n  - files:\n      - a.json=https://github.com/a/b/raw/%s/a.json%s\n"
	checkSources(t, []sourceCase{{name: "with a key", file: "kustomization.yaml",
		src:     fmt.Sprintf(entry, "main", ""),
		tracked: "https://github.com/a/b/raw/main/a.json", form: BranchOrTag, holder: ByConsumer,
		want: fmt.Sprintf(entry, pinned, " # plumb: main")}})
}

// Line ends, flow collections and JSON stay; an alias and an anchor are not edited.
func TestGitFolderForms(t *testing.T) {
	commit := examplePin.Commit
	const name, entry = "https://github.com/acme/app@HEAD", "github.com/acme/app"
	checkSources(t, []sourceCase{
		{name: "CRLF", file: "kustomization.yaml",
			src:     "resources:\r\n- " + entry + "\r\nnamespace: a\r\n",
			tracked: name, form: Head, holder: ByConsumer,
			want: "resources:\r\n- " + entry + "?ref=" + commit +
				" # plumb: HEAD\r\nnamespace: a\r\n"},
		{name: "no line end", file: "Kustomization", src: "resources:\n- " + entry, tracked: name,
			form: Head, holder: ByConsumer,
			want: "resources:\n- " + entry + "?ref=" + commit + " # plumb: HEAD"},
		{name: "flow", file: "kustomization.yaml", src: "resources: [" + entry + ", a] # a\n",
			tracked: name, form: Head, holder: ByConsumer,
			want: "resources: [\"" + entry + "?ref=" + commit + "\", a] # a\n"},
		{name: "JSON", file: "kustomization.yaml", src: `{"resources": ["` + entry + `"]}`,
			tracked: name, form: Head, holder: ByConsumer,
			want: `{"resources": ["` + entry + "?ref=" + commit + `"]}`},
		{name: "an anchor", file: "kustomization.yaml", src: "resources:\n- &a " + entry + "\n",
			tracked: name, form: Head, holder: ByConsumer, why: "cannot be edited safely"},
		{name: "an alias", file: "kustomization.yaml",
			src:     "x-a: &a " + entry + "\nresources:\n- *a\n",
			tracked: name, form: Head, holder: ByConsumer, why: "cannot be edited safely"},
		{name: "a query that Go refuses", file: "kustomization.yaml",
			src: "resources:\n- " + entry + "?ref=v1;x\n", tracked: name, form: Head,
			holder: ByConsumer, why: "cannot be edited safely"},
	})
	f := NewScanner(Options{}).Scan("kustomization.yaml",
		[]byte("resources:\n- "+entry+"?ref=${REF}\n"))
	if len(f.References) > 0 || len(f.Remarks) != 1 || f.Remarks[0].Rule != "uneditable" {
		t.Errorf("a variable: %+v %+v", f.References, f.Remarks)
	}
}
