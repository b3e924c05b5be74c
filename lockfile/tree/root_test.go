//go:build unix

package tree

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnclosing(t *testing.T) {
	r := newDir(t)
	r.write("plain/deep/x", "")
	r.write("plain/plumb.yaml", "")
	r.write("repo/apps/prod/base/x", "")
	r.write("repo/apps/plumb.yaml", "")
	r.write("repo/apps/notes/plumb.yaml/x", "") // a directory makes no lock root
	r.write("repo/other/x", "")
	r.write("repo/inner/deep/x", "")
	r.write("repo/fake/.git/x", "")
	r.write("alone/deep/x", "")
	r.at("repo").git("init", "-q")
	r.at("repo/inner").git("init", "-q")
	r.write("plumb.yaml", "") // outside of the repositories
	tests := []struct {
		dir, want string
		git       bool
	}{
		{"plain/deep", "plain", false},
		{"plain", "plain", false},
		{"alone/deep", ".", false},
		{"repo", "repo", true},
		{"repo/other", "repo", true},
		{"repo/apps/prod/base", "repo/apps", true},
		{"repo/apps", "repo/apps", true},
		{"repo/apps/notes", "repo/apps", true},
		{"repo/inner/deep", "repo/inner", true},
		{"repo/fake", "repo", true},
	}
	for _, test := range tests {
		root, git, err := Enclosing(context.Background(), r.path(test.dir))
		if err != nil || root != r.path(test.want) || git != test.git {
			t.Errorf("Enclosing(%q) = %q, %v, %v; want %q, %v", test.dir, root, git, err, test.want, test.git)
		}
	}
	r.remove("plumb.yaml")
	root, git, err := Enclosing(context.Background(), r.path("alone/deep"))
	if err != nil || root != r.path("alone/deep") || git {
		t.Errorf("Enclosing of a directory on its own = %q, %v, %v", root, git, err)
	}
	if root, _, err := Enclosing(context.Background(), r.path("nowhere")); err == nil {
		t.Errorf("Enclosing of no directory = %q", root)
	}
}

func TestEnclosingResolvesSymlinks(t *testing.T) {
	r := newRepo(t)
	r.write("deep/x", "")
	elsewhere := newDir(t)
	elsewhere.symlink(r.path("deep"), "link")
	root, git, err := Enclosing(context.Background(), elsewhere.path("link"))
	if err != nil || root != r.dir || !git {
		t.Errorf("Enclosing = %q, %v, %v; want %q, as git takes it", root, git, err, r.dir)
	}
}

func TestSnapshotEnclosing(t *testing.T) {
	r := newRepo(t)
	r.write("apps/plumb.yaml", "")
	r.write("apps/prod/a.yaml", "a")
	r.write("apps2/b.yaml", "b")
	r.git("add", ".")
	r.write("apps/prod/plumb.yaml", "") // on disk alone
	s := r.index()
	for dir, want := range map[string]string{
		".": ".", "apps": "apps", "apps/prod": "apps", "apps2": ".", "nowhere/at/all": ".",
	} {
		if got := s.Enclosing(dir).Root(); got != r.path(want) {
			t.Errorf("Enclosing(%q).Root() = %q, want %q", dir, got, r.path(want))
		}
	}
	part := s.Enclosing("apps/prod")
	expect(t, part, map[string]string{"plumb.yaml": "", "prod/a.yaml": "a"})
	if got, err := part.Read(context.Background(), "prod/a.yaml"); err != nil || string(got) != "a" {
		t.Errorf("Read = %q, %v", got, err)
	}
}

func TestTopLevelOfASubmodule(t *testing.T) {
	r := newRepo(t)
	r.write("nested/n.yaml", "n")
	r.at("nested").git("init", "-q")
	r.at("nested").git("add", ".")
	r.at("nested").git("commit", "-qm", "1")
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./nested", "sub")
	top, ok, err := TopLevel(context.Background(), r.path("sub"))
	if err != nil || top != r.path("sub") || !ok {
		t.Errorf("TopLevel = %q, %v, %v; want the submodule", top, ok, err)
	}
	if want := filepath.Clean(r.at("sub").git("rev-parse", "--show-toplevel")); top != want {
		t.Errorf("TopLevel = %q, git says %q", top, want)
	}
}

func TestNestedRoots(t *testing.T) {
	roots := NestedRoots([]string{"plumb.yaml", "b/plumb.yaml", "a/x/plumb.yaml", "c/myplumb.yaml", "d/plumb.yaml/e", "b/plumb.yaml"})
	if diff := cmp.Diff([]string{"a/x", "b"}, roots); diff != "" {
		t.Errorf("NestedRoots (-want +got):\n%s", diff)
	}
	for path, want := range map[string]bool{
		"b/c.yaml": true, "a/x/y/z.yaml": true, "a/c.yaml": false, "bb/c.yaml": false, "b": false, "a/x.yaml": false,
	} {
		if got := InNested(roots, path); got != want {
			t.Errorf("InNested(%q) = %v, want %v", path, got, want)
		}
	}
}
