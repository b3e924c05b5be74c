//go:build unix

package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIndexIsWhatWillBeCommitted(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "1")
	r.write("gone.yaml", "g")
	r.write("old/name.yaml", "moved")
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	r.write("a.yaml", "2")
	r.git("add", "a.yaml")
	r.write("a.yaml", "3") // staged in part
	r.git("rm", "-q", "gone.yaml")
	r.git("mv", "old", "new")
	r.write("untracked.yaml", "u")
	r.write("intended.yaml", "i")
	r.git("add", "-N", "intended.yaml")
	r.write("empty.yaml", "")
	r.git("add", "empty.yaml")
	r.symlink("a.yaml", "link.yaml")
	r.git("add", "link.yaml")
	expect(t, r.index(), map[string]string{"a.yaml": "2", "new/name.yaml": "moved", "empty.yaml": ""})
	expect(t, r.commit("HEAD"), map[string]string{"a.yaml": "1", "gone.yaml": "g", "old/name.yaml": "moved"})
	expect(t, r.at("new").index(), map[string]string{"name.yaml": "moved"})
}

func TestIndexIsASnapshot(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "1")
	r.git("add", ".")
	s := r.index()
	r.write("a.yaml", "2")
	r.git("add", ".")
	expect(t, s, map[string]string{"a.yaml": "1"})
	expect(t, r.index(), map[string]string{"a.yaml": "2"})
}

func TestIndexWithoutACommit(t *testing.T) {
	r := newRepo(t)
	expect(t, r.index(), map[string]string{})
	r.write("a.yaml", "1")
	r.git("add", ".")
	expect(t, r.index(), map[string]string{"a.yaml": "1"})
}

func TestIndexOfAMergeIsAnError(t *testing.T) {
	r := conflicted(t)
	_, err := OpenIndex(context.Background(), r.dir)
	var unmerged *UnmergedError
	if !errors.As(err, &unmerged) {
		t.Fatalf("OpenIndex's error is %v, want an *UnmergedError", err)
	}
	if diff := cmp.Diff([]string{"a.yaml"}, unmerged.Paths); diff != "" {
		t.Errorf("unmerged paths (-want +got):\n%s", diff)
	}
	r.write("a.yaml", "both\n")
	r.git("add", "a.yaml")
	expect(t, r.index(), map[string]string{"a.yaml": "both\n", "b.yaml": "b\n"})
}

func TestIndexInAHook(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "1")
	r.write("dir/b.yaml", "1")
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	r.write("dir/a.yaml", "2")
	r.write("dir/b.yaml", "2")
	r.git("add", "dir/b.yaml")
	// git commit dir/a.yaml makes an index of its own, without what is staged.
	hook := "#!/bin/sh\nenv | grep '^GIT_' > hookenv; cp \"$GIT_INDEX_FILE\" .git/kept\n"
	if err := os.WriteFile(r.path(".git/hooks/pre-commit"), []byte(hook), 0o777); err != nil {
		t.Fatal(err)
	}
	r.git("commit", "-qm", "2", "dir/a.yaml")
	env, err := os.ReadFile(r.path("hookenv"))
	if err != nil || !strings.Contains(string(env), "GIT_INDEX_FILE=") {
		t.Fatalf("git names its hook no index: %q, %v", env, err)
	}
	t.Setenv("GIT_INDEX_FILE", r.path(".git/kept"))
	expect(t, r.index(), map[string]string{"dir/a.yaml": "2", "dir/b.yaml": "1"})
	expect(t, r.at("dir").index(), map[string]string{"a.yaml": "2", "b.yaml": "1"})
}

func TestGitDirOfAHook(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "1")
	r.git("add", ".")
	other := newRepo(t)
	other.write("o.yaml", "o")
	other.git("add", ".")
	t.Chdir(r.dir)
	t.Setenv("GIT_DIR", ".git") // as git sets it: relative, and with no work tree
	expect(t, r.at("dir").index(), map[string]string{"a.yaml": "1"})
	expect(t, r.at("dir").workTree(), map[string]string{"a.yaml": "1"})
	expect(t, other.index(), map[string]string{"o.yaml": "o"})
	root, isGit, err := Enclosing(context.Background(), r.path("dir"))
	if root != r.dir || !isGit || err != nil {
		t.Errorf("Enclosing = %q, %v, %v; want %q", root, isGit, err, r.dir)
	}
}

func TestGitDirApartFromTheWorkTree(t *testing.T) {
	r := newDir(t)
	r.write("home/a.yaml", "1")
	r.git("init", "-q", "--bare", "dots.git")
	t.Setenv("GIT_DIR", r.path("dots.git"))
	t.Setenv("GIT_WORK_TREE", r.path("home"))
	t.Chdir(r.path("home"))
	r.at("home").git("add", ".")
	expect(t, r.at("home").index(), map[string]string{"a.yaml": "1"})
	expect(t, r.at("home").workTree(), map[string]string{"a.yaml": "1"})
}

func TestCommitNames(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "1")
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	r.git("tag", "-am", "t", "v1")
	first := r.git("rev-parse", "HEAD")
	r.write("a.yaml", "2")
	r.git("commit", "-qam", "2")
	for rev, want := range map[string]string{
		"HEAD": "2", "HEAD~1": "1", "v1": "1", first: "1", first[:8]: "1", "main": "2", "refs/heads/main": "2",
	} {
		expect(t, r.commit(rev), map[string]string{"a.yaml": want})
	}
	for _, rev := range []string{
		"nothing", "", "-h", "--all", "--git-dir", "HEAD:a.yaml", "HEAD^{tree}", "HEAD..v1", "HEAD v1", strings.Repeat("0", 40),
	} {
		_, err := OpenCommit(context.Background(), r.dir, rev)
		var unknown *RevisionError
		if !errors.As(err, &unknown) || unknown.Rev != rev {
			t.Errorf("OpenCommit(%q)'s error is %v, want a *RevisionError", rev, err)
		}
	}
}

func TestCommitOfABareRepository(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "1")
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	bare := newDir(t)
	bare.git("clone", "-q", "--bare", r.dir, ".")
	expect(t, bare.commit("HEAD"), map[string]string{"dir/a.yaml": "1"})
	top, ok, err := TopLevel(context.Background(), bare.dir)
	if top != bare.dir || ok || err != nil {
		t.Errorf("TopLevel = %q, %v, %v; want the directory itself", top, ok, err)
	}
}

func TestSnapshotsNeedARepository(t *testing.T) {
	r := newDir(t)
	_, err := OpenIndex(context.Background(), r.dir)
	var failed *GitError
	if !errors.As(err, &failed) || !failed.NoRepository() {
		t.Errorf("OpenIndex's error is %v, want git's", err)
	}
	if _, err := OpenCommit(context.Background(), r.dir, "HEAD"); !errors.As(err, &failed) || !failed.NoRepository() {
		t.Errorf("OpenCommit's error is %v, want git's", err)
	}
}

func TestSnapshotOfObjectsThatAreMissing(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "1")
	r.write("b.yaml", "2")
	r.git("add", ".")
	id := r.git("rev-parse", ":a.yaml")
	r.remove(filepath.Join(".git/objects", id[:2], id[2:]))
	got, err := collect(r.index(), all)
	var unreadable *UnreadableError
	if !errors.As(err, &unreadable) || unreadable.Files[0].Path != "a.yaml" || !strings.Contains(err.Error(), id) {
		t.Errorf("Each's error is %v, want one for a.yaml", err)
	}
	if diff := cmp.Diff(map[string]string{"b.yaml": "2"}, got); diff != "" {
		t.Errorf("Each reads (-want +got):\n%s", diff)
	}
	if _, err := r.index().Read(context.Background(), "a.yaml"); err == nil {
		t.Error("Read found an object that is missing")
	}
}

func TestSnapshotOfHugeFiles(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "")
	r.write("b.yaml", "b")
	if err := os.Truncate(r.path("a.yaml"), MaxFileSize+1); err != nil {
		t.Fatal(err)
	}
	r.git("add", ".")
	got, err := collect(r.index(), all)
	if err == nil || !strings.Contains(err.Error(), "reading a.yaml: 67108865 bytes: longer than") {
		t.Errorf("Each's error is %v, want one about a.yaml's size", err)
	}
	if diff := cmp.Diff(map[string]string{"b.yaml": "b"}, got); diff != "" {
		t.Errorf("Each reads (-want +got):\n%s", diff)
	}
}

func TestSnapshotReadsBlobsAsStored(t *testing.T) {
	r := newRepo(t)
	r.write(".gitattributes", "*.yaml text eol=crlf\n")
	r.write("a.yaml", "a\r\nb\r\n")
	r.git("add", ".")
	if got, err := r.index().Read(context.Background(), "a.yaml"); err != nil || string(got) != "a\nb\n" {
		t.Errorf("the index holds %q, %v", got, err)
	}
	if got, err := r.workTree().Read(context.Background(), "a.yaml"); err != nil || string(got) != "a\r\nb\r\n" {
		t.Errorf("the work tree holds %q, %v", got, err)
	}
}

func TestReadOfASnapshot(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "a")
	r.write("empty", "")
	r.symlink("dir/a.yaml", "link.yaml")
	r.git("add", ".")
	r.write("dir/disk.yaml", "d")
	tests := []struct {
		path, content string
		want          error
	}{
		{"dir/a.yaml", "a", nil},
		{"empty", "", nil},
		{"dir/disk.yaml", "", fs.ErrNotExist},
		{"dir", "", fs.ErrNotExist},
		{"link.yaml", "", ErrSymlink},
		{"../a.yaml", "", fs.ErrNotExist},
	}
	for _, test := range tests {
		got, err := r.index().Read(context.Background(), test.path)
		if !errors.Is(err, test.want) || string(got) != test.content {
			t.Errorf("Read(%q) = %q, %v; want %q, %v", test.path, got, err, test.content, test.want)
		}
	}
}

func TestSnapshotEachChangedSkipsWhatIsKnown(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write("b.yaml", "b")
	r.git("add", ".")
	known := r.git("rev-parse", ":a.yaml")
	type call struct {
		path, object string
		read         bool
	}
	calls := make(chan call, 10)
	err := r.index().EachChanged(context.Background(), all, func(f File) bool { return f.Object == known },
		func(_ int, f File, data []byte) error {
			calls <- call{f.Path, f.Object, data != nil}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	close(calls)
	for c := range calls {
		if c.read == (c.path == "a.yaml") || (c.object == known) != (c.path == "a.yaml") {
			t.Errorf("%+v", c)
		}
	}
}
