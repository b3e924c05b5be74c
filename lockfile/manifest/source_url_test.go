package manifest

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

// kustomized is a kustomization with one entry.
func kustomized(list, entry string) string { return list + ":\n  - " + entry + "\n" }

func TestFileURLs(t *testing.T) {
	commit, old := examplePin.Commit, strings.Repeat("1", 40)
	const raw = "https://raw.githubusercontent.com/acme/app/"
	for _, c := range []struct {
		url, tracked, follows string
		form                  Form
		pin                   string
		pinned                string // "" if nothing holds it
		name                  string // in the comment
		repository, path      string
	}{
		{url: raw + "v1.2/deploy/app.yaml", follows: "v1.2", form: BranchOrTag,
			pinned: raw + commit + "/deploy/app.yaml", name: "v1.2",
			repository: "https://github.com/acme/app", path: "deploy/app.yaml"},
		{url: raw + "refs/heads/main/app.yaml", follows: "refs/heads/main", form: FullRef,
			pinned: raw + commit + "/app.yaml", name: "refs/heads/main",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: raw + "refs/tags/v1/app.yaml?x=1", follows: "refs/tags/v1", form: FullRef,
			pinned: raw + commit + "/app.yaml?x=1", name: "refs/tags/v1",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: raw + "HEAD/app.yaml", form: Head, pinned: raw + commit + "/app.yaml", name: "HEAD",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: raw + old + "/app.yaml", follows: old, form: Commit, pin: old,
			pinned:     raw + commit + "/app.yaml",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: "HTTPS://user:secret@Raw.GitHubUserContent.com/acme/app/main/app.yaml?token=abc",
			tracked: raw + "main/app.yaml", follows: "main", form: BranchOrTag,
			pinned:     "HTTPS://user:secret@Raw.GitHubUserContent.com/acme/app/" + commit + "/app.yaml?token=abc",
			name:       "main",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: raw + "app.yaml", form: OneFile},
		{url: "https://github.com/acme/app/raw/main/app.yaml", follows: "main", form: BranchOrTag,
			pinned: "https://github.com/acme/app/raw/" + commit + "/app.yaml", name: "main",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: "https://github.com/acme/app/blob/main/app.yaml?raw=true", follows: "main",
			form: BranchOrTag, name: "main",
			pinned:     "https://github.com/acme/app/blob/" + commit + "/app.yaml?raw=true",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: "https://github.com/acme/app/releases/download/v1/app.yaml", form: OneFile},
		{url: "https://github.com/acme/app/releases/latest/download/app.yaml",
			form: LatestRelease, name: "latest",
			pinned: "https://github.com/acme/app/releases/download/v2.3.0/app.yaml"},
		{url: "https://gitlab.example.com/a/b/c/-/raw/main/x/app.yaml", follows: "main",
			form: BranchOrTag, name: "main",
			pinned:     "https://gitlab.example.com/a/b/c/-/raw/" + commit + "/x/app.yaml",
			repository: "https://gitlab.example.com/a/b/c", path: "x/app.yaml"},
		{url: "https://gitlab.com/a/b/-/raw/v1/app.yaml?ref_type=tags&inline=false",
			tracked: "https://gitlab.com/a/b/-/raw/v1/app.yaml?inline=false&ref_type=tags",
			follows: "refs/tags/v1", form: FullRef, name: "refs/tags/v1",
			pinned:     "https://gitlab.com/a/b/-/raw/" + commit + "/app.yaml?inline=false",
			repository: "https://gitlab.com/a/b", path: "app.yaml"},
		{url: "https://gitlab.com/a/b/-/raw/main/app.yaml?ref_type=heads",
			follows: "refs/heads/main", form: FullRef, name: "refs/heads/main",
			pinned:     "https://gitlab.com/a/b/-/raw/" + commit + "/app.yaml",
			repository: "https://gitlab.com/a/b", path: "app.yaml"},
		{url: "https://gitlab.com/api/v4/projects/a%2Fb/repository/files/x%2Fapp.yaml/raw?ref=main",
			follows: "main", form: BranchOrTag, name: "main",
			pinned: "https://gitlab.com/api/v4/projects/a%2Fb/repository/files/x%2Fapp.yaml/raw?ref=" +
				commit,
			repository: "https://gitlab.com/a/b", path: "x/app.yaml"},
		{url: "https://gitlab.com/api/v4/projects/a%2Fb/repository/files/app.yaml/raw", form: Head,
			name: "HEAD",
			pinned: `"https://gitlab.com/api/v4/projects/a%2Fb/repository/files/app.yaml/raw?ref=` +
				commit + `"`,
			repository: "https://gitlab.com/a/b", path: "app.yaml"},
		{url: "https://gitlab.com/api/v4/projects/12/repository/files/app.yaml/raw?ref=main",
			form: NoForm},
		{url: "https://codeberg.org/acme/app/raw/branch/main/app.yaml", follows: "refs/heads/main",
			form: FullRef, name: "refs/heads/main",
			pinned:     "https://codeberg.org/acme/app/raw/commit/" + commit + "/app.yaml",
			repository: "https://codeberg.org/acme/app", path: "app.yaml"},
		{url: "https://git.example.com:3000/acme/app/raw/tag/v1/app.yaml",
			follows: "refs/tags/v1", form: FullRef, name: "refs/tags/v1",
			pinned:     "https://git.example.com:3000/acme/app/raw/commit/" + commit + "/app.yaml",
			repository: "https://git.example.com:3000/acme/app", path: "app.yaml"},
		{url: "https://codeberg.org/acme/app/raw/commit/" + old + "/app.yaml", follows: old,
			form: Commit, pin: old,
			pinned:     "https://codeberg.org/acme/app/raw/commit/" + commit + "/app.yaml",
			repository: "https://codeberg.org/acme/app", path: "app.yaml"},
		{url: "https://codeberg.org/acme/app/raw/commit/abc123/app.yaml", form: OneFile},
		{url: "https://bitbucket.org/acme/app/raw/main/app.yaml", follows: "main",
			form: BranchOrTag, name: "main",
			pinned:     "https://bitbucket.org/acme/app/raw/" + commit + "/app.yaml",
			repository: "https://bitbucket.org/acme/app", path: "app.yaml"},
		{url: "https://git.corp/projects/OPS/repos/app/raw/x/app.yaml?at=refs/heads/main",
			follows: "refs/heads/main", form: FullRef, name: "refs/heads/main",
			pinned:     "https://git.corp/projects/OPS/repos/app/raw/x/app.yaml?at=" + commit,
			repository: "https://git.corp/scm/OPS/app.git", path: "x/app.yaml"},
		{url: "https://git.corp/users/jo/repos/app/raw/app.yaml", form: Head, name: "HEAD",
			pinned:     `"https://git.corp/users/jo/repos/app/raw/app.yaml?at=` + commit + `"`,
			repository: "https://git.corp/scm/~jo/app.git", path: "app.yaml"},
		{url: "https://gist.githubusercontent.com/jo/abc/raw/app.yaml", form: Head, name: "HEAD",
			pinned:     "https://gist.githubusercontent.com/jo/abc/raw/" + commit + "/app.yaml",
			repository: "https://gist.github.com/abc", path: "app.yaml"},
		{url: "https://cdn.jsdelivr.net/gh/acme/app@v1.2.0/app.yaml", follows: "v1.2.0",
			form: BranchOrTag, name: "v1.2.0",
			pinned:     "https://cdn.jsdelivr.net/gh/acme/app@" + commit + "/app.yaml",
			repository: "https://github.com/acme/app", path: "app.yaml"},
		{url: "https://cdn.jsdelivr.net/gh/acme/app@1.2/app.yaml", form: NoForm},
		{url: "https://cdn.jsdelivr.net/gh/acme/app/app.yaml", form: NoForm},
		{url: "https://acme.github.io/app/app.yaml", form: OneFile},
		{url: "https://example.com/app.yaml#part", tracked: "https://example.com/app.yaml",
			form: OneFile},
	} {
		t.Run(c.url, func(t *testing.T) {
			tracked, holder, want := c.tracked, ByConsumer, ""
			if tracked == "" {
				tracked = c.url
			}
			if c.pinned == "" || c.form == LatestRelease {
				holder = ByPlumbAlone
			}
			if c.pinned != "" {
				want = c.pinned
				if c.name != "" {
					want += " # plumb: " + c.name
				}
				want = kustomized("crds", want)
			}
			src := kustomized("crds", c.url)
			checkSources(t, []sourceCase{{name: "pin", file: "kustomization.yaml", src: src,
				tracked: tracked, pin: c.pin, form: c.form, holder: holder, want: want}})
			f := NewScanner(Options{}).Scan("kustomization.yaml", []byte(src))
			r := oneSource(t, &f)
			if s := r.Source; s.Follows != c.follows || s.Repository != c.repository ||
				s.Path != c.path || s.Fetch != c.url || r.Input != lockfile.URL {
				t.Errorf("%s: %+v", r.Input, s)
			}
			if want != "" && c.name != "" { // the lock's key stays
				f = NewScanner(Options{}).Scan("kustomization.yaml", []byte(want))
				if r := oneSource(t, &f); r.Tracked != tracked || r.Source.Form != c.form ||
					r.Source.Follows != c.follows || r.Source.Path != c.path {
					t.Errorf("pinned: %s, %+v", r.Tracked, r.Source)
				}
			}
		})
	}
}

func TestFileURLElsewhere(t *testing.T) {
	for _, src := range []string{
		kustomized("crds", "https:///app.yaml"),
		kustomized("crds", "https://exa mple.com/app.yaml"),
	} {
		f := NewScanner(Options{}).Scan("kustomization.yaml", []byte(src))
		if r := oneSource(t, &f); r.Tracked != "" || r.Editable || r.Why == "" {
			t.Errorf("%q: %+v", src, r)
		}
	}
	for _, src := range []string{
		kustomized("crds", "crd.yaml"), kustomized("crds", "ftp://example.com/a.yaml"),
		kustomized("crds", "https:/a.yaml"), kustomized("labels", "https://example.com/a.yaml"),
		"metadata:\n  annotations:\n    a: https://example.com/a.yaml\n",
	} {
		f := NewScanner(Options{}).Scan("kustomization.yaml", []byte(src))
		if len(f.References) > 0 {
			t.Errorf("%q: %+v", src, f.References)
		}
	}
}

// An alias, an anchor and a template are not edited.
func TestFileURLThatIsNotEdited(t *testing.T) {
	const url = "https://raw.githubusercontent.com/acme/app/main/a.yaml"
	f := NewScanner(Options{}).Scan("kustomization.yaml",
		[]byte("crds:\n  - &a "+url+"\nconfigurations:\n  - *a\n"))
	if len(f.References) != 2 {
		t.Fatalf("%+v", f.References)
	}
	for _, r := range f.References {
		if r.Editable || r.Why == "" || r.Tracked != url {
			t.Errorf("line %d: %+v", r.Line, r)
		}
	}
	f = NewScanner(Options{}).Scan("kustomization.yaml",
		[]byte(kustomized("crds", "https://raw.githubusercontent.com/acme/app/${TAG}/a.yaml")))
	if len(f.References) != 0 || len(f.Remarks) != 1 || f.Remarks[0].Rule != "uneditable" {
		t.Errorf("%+v %+v", f.References, f.Remarks)
	}
}

func TestArgoValueFiles(t *testing.T) {
	const head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n" +
		"    path: c\n    helm:\n      valueFiles:\n        - "
	const raw = "https://raw.githubusercontent.com/acme/app/"
	checkSources(t, []sourceCase{{name: "values", src: head + raw + "main/v.yaml\n",
		tracked: raw + "main/v.yaml", form: BranchOrTag, holder: ByConsumer,
		want: head + raw + examplePin.Commit + "/v.yaml # plumb: main\n"}})
	f := NewScanner(Options{}).Scan("a.yaml", []byte(head+"v.yaml\n"))
	if len(f.References) > 0 || len(f.uses) != 1 {
		t.Errorf("%+v %+v", f.References, f.uses)
	}
}
