//go:build unix

package tree

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// specialTree is any of the trees that list special entries.
type specialTree interface {
	Tree
	Specials(ctx context.Context) ([]Special, error)
	IsDir(path string) bool
}

func specials(t *testing.T, tree specialTree) []Special {
	t.Helper()
	got, err := tree.Specials(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// withSubmodule returns a repository with links, and a submodule that has one commit.
func withSubmodule(t *testing.T) (r repo, commit string) {
	t.Helper()
	r = newRepo(t)
	r.write("a/x.txt", "x")
	r.symlink("a/x.txt", "link.yaml")
	r.symlink("../a", "dir/linked")
	r.symlink("/outside", "away")
	r.write("module/x.yaml", "first")
	sub := r.at("module")
	sub.git("init", "-q", "-b", "main")
	sub.git("add", ".")
	sub.git("commit", "-qm", "1")
	r.git("-c", "advice.addEmbeddedRepo=false", "add", ".")
	r.git("commit", "-qm", "1")
	return r, sub.git("rev-parse", "HEAD")
}

func TestSpecials(t *testing.T) {
	r, commit := withSubmodule(t)
	want := []Special{{Path: "away", Target: "/outside"}, {Path: "dir/linked", Target: "../a"},
		{Path: "link.yaml", Target: "a/x.txt"}, {Path: "module", Commit: commit}}
	for name, tree := range map[string]specialTree{"work tree": r.workTree(), "index": r.index(), "commit": r.commit("HEAD")} {
		if diff := cmp.Diff(want, specials(t, tree)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !tree.IsDir("a") || tree.IsDir("a/x.txt") || tree.IsDir("b") || tree.IsDir("dir/linked") {
			t.Errorf("%s: IsDir", name)
		}
	}
	r.symlink("a", "untracked")
	r.symlink("a/x.txt", "untracked.yaml")
	r.remove("away")
	r.remove("link.yaml")
	r.write("link.yaml", "a file by now")
	want = []Special{want[1], want[3], {Path: "untracked", Target: "a"}, {Path: "untracked.yaml", Target: "a/x.txt"}}
	work := r.workTree()
	if err := work.Each(context.Background(), all, func(int, File, []byte) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, specials(t, work)); diff != "" {
		t.Errorf("work tree with changes (-want +got):\n%s", diff)
	}
}

func TestSpecialsOutsideOfGit(t *testing.T) {
	r := newDir(t)
	r.write("a/x.txt", "x")
	r.symlink("a", "b")
	r.symlink("a/x.txt", "x.yaml")
	want := []Special{{Path: "b", Target: "a"}, {Path: "x.yaml", Target: "a/x.txt"}}
	if diff := cmp.Diff(want, specials(t, r.workTree())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOpenSubmodule(t *testing.T) {
	r, commit := withSubmodule(t)
	sub := r.at("module")
	sub.write("x.yaml", "second") // neither a change nor another commit matters
	sub.git("commit", "-qam", "2")
	sub.write("x.yaml", "third")
	s, err := OpenSubmodule(context.Background(), sub.dir, commit)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, s, map[string]string{"x.yaml": "first"})

	t.Setenv("GIT_DIR", r.path(".git")) // as a hook has it
	if s, err = OpenSubmodule(context.Background(), sub.dir, commit); err != nil {
		t.Fatal(err)
	}
	expect(t, s, map[string]string{"x.yaml": "first"})

	var unknown *RevisionError
	if _, err := OpenSubmodule(context.Background(), sub.dir, "1234567890123456789012345678901234567890"); !errors.As(err, &unknown) {
		t.Errorf("of a commit that is not there: %v", err)
	}
	if _, err := OpenSubmodule(context.Background(), r.path("a"), commit); !errors.Is(err, ErrNotCheckedOut) {
		t.Errorf("of a plain directory: %v", err)
	}
	if _, err := OpenSubmodule(context.Background(), r.path("none"), commit); !errors.Is(err, ErrNotCheckedOut) {
		t.Errorf("of no directory: %v", err)
	}
}

func TestSparseFilesAreReadFromTheIndex(t *testing.T) {
	r := newRepo(t)
	r.write("a/x.yaml", "x")
	r.write("b/y.yaml", "y")
	r.write("b/z.txt", "z")
	r.symlink("z.txt", "b/l.yaml")
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	r.git("sparse-checkout", "set", "--no-cone", "/a/")
	r.names("a/x.yaml")
	work := r.workTree()
	expect(t, work, map[string]string{"a/x.yaml": "x", "b/y.yaml": "y", "b/z.txt": "z"})
	if data, err := work.Read(context.Background(), "b/z.txt"); err != nil || string(data) != "z" {
		t.Errorf("Read: %q, %v", data, err)
	}
	if !work.IsDir("b") || !work.LeavesOut() {
		t.Error("b is not known")
	}
	if diff := cmp.Diff([]Special{{Path: "b/l.yaml", Target: "z.txt"}}, specials(t, work)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.write("b/y.yaml", "on disk") // present despite of it
	r.remove("a/x.yaml")           // deleted, which is no matter of the sparse checkout
	expect(t, r.workTree(), map[string]string{"b/y.yaml": "on disk", "b/z.txt": "z"})
}

func TestAbove(t *testing.T) {
	r := newRepo(t)
	r.write("a/plumb.yaml", "x")
	r.write("a/b/y.yaml", "y")
	r.write("c.txt", "c")
	r.git("add", ".")
	work := r.at("a").workTree()
	part := r.index().Enclosing("a/b")
	for name, tree := range map[string]interface {
		Above(context.Context) (Tree, string, bool)
	}{"work tree": work, "index": part} {
		above, dir, ok := tree.Above(context.Background())
		if !ok || dir != "a" {
			t.Fatalf("%s: %q, %v", name, dir, ok)
		}
		if data, err := above.Read(context.Background(), "c.txt"); err != nil || string(data) != "c" {
			t.Errorf("%s: read %q, %v", name, data, err)
		}
	}
	for name, tree := range map[string]interface {
		Above(context.Context) (Tree, string, bool)
	}{"work tree": r.workTree(), "index": r.index()} {
		if above, dir, ok := tree.Above(context.Background()); !ok || dir != "." || above != tree.(Tree) {
			t.Errorf("%s: above the whole repository is %q, %v", name, dir, ok)
		}
	}
	if _, _, ok := newDir(t).workTree().Above(context.Background()); ok {
		t.Error("there is something above what is in no repository")
	}
}
