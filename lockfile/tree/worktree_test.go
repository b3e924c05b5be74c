//go:build unix

package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWorkTreeReadsWhatGitWouldTrack(t *testing.T) {
	r := newRepo(t)
	r.write(".gitignore", "ignored\n*.log\n")
	r.write("tracked.yaml", "old")
	r.write("deleted.yaml", "d")
	r.write("dir/a.yaml", "a")
	r.write("forced.log", "f")
	r.git("add", ".")
	r.git("add", "-f", "forced.log")
	r.git("commit", "-qm", "1")
	r.write("tracked.yaml", "new")
	r.write("dir/untracked.yaml", "u")
	r.write("fresh/deep/b.yaml", "b")
	r.write("empty.yaml", "")
	r.write("ignored/c.yaml", "c")
	r.write("x.log", "x")
	r.remove("deleted.yaml")
	expect(t, r.workTree(), map[string]string{
		".gitignore": "ignored\n*.log\n", "tracked.yaml": "new", "dir/a.yaml": "a", "forced.log": "f",
		"dir/untracked.yaml": "u", "fresh/deep/b.yaml": "b", "empty.yaml": "",
	})
	expect(t, r.at("dir").workTree(), map[string]string{"a.yaml": "a", "untracked.yaml": "u"})
}

func TestWorkTreeAsksForMatchesOnly(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write("b.txt", "b")
	got, err := collect(r.workTree(), func(path string) bool { return strings.HasSuffix(path, ".yaml") })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "a"}, got); diff != "" {
		t.Errorf("Each reads (-want +got):\n%s", diff)
	}
}

func TestWorkTreeOddNames(t *testing.T) {
	r := newRepo(t)
	want := map[string]string{}
	for _, name := range []string{
		"with space.yaml", "new\nline.yaml", `quo"te.yaml`, `back\slash.yaml`, "tab\t.yaml", "ünïcode/ø.yaml",
		"-dash.yaml", ":(top)magic.yaml", "*.yaml", "[a]/b.yaml", "not-utf8-\xff.yaml", "#hash", "..dots/...yaml",
	} {
		r.write(name, name)
		want[name] = name
	}
	t.Run("untracked", func(t *testing.T) { expect(t, r.workTree(), want) })
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	t.Run("tracked", func(t *testing.T) { expect(t, r.workTree(), want) })
	t.Run("in the index", func(t *testing.T) { expect(t, r.index(), want) })
	t.Run("in a commit", func(t *testing.T) { expect(t, r.commit("HEAD"), want) })
	for name := range want {
		for _, tree := range []Tree{r.workTree(), r.index(), r.commit("HEAD")} {
			if got, err := tree.Read(context.Background(), name); err != nil || string(got) != name {
				t.Errorf("%T.Read(%q) = %q, %v", tree, name, got, err)
			}
		}
	}
}

func TestWorkTreeLeavesOutWhatIsNoFile(t *testing.T) {
	r := newRepo(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte("s"), 0o666); err != nil {
		t.Fatal(err)
	}
	r.write("real/a.yaml", "a")
	r.write("wasdir/b.yaml", "b")
	r.write("wasfile.yaml", "c")
	r.symlink("real/a.yaml", "link.yaml")
	r.symlink(filepath.Join(outside, "secret.yaml"), "out.yaml")
	r.symlink("real", "linkdir")
	r.git("add", ".")
	r.remove("wasdir")
	r.symlink(outside, "wasdir") // wasdir/b.yaml is still tracked
	if err := os.WriteFile(filepath.Join(outside, "b.yaml"), []byte("s"), 0o666); err != nil {
		t.Fatal(err)
	}
	r.remove("wasfile.yaml")
	r.write("wasfile.yaml/d.yaml", "d")
	if err := syscall.Mkfifo(r.path("fifo.yaml"), 0o666); err != nil {
		t.Fatal(err)
	}
	expect(t, r.workTree(), map[string]string{"real/a.yaml": "a", "wasfile.yaml/d.yaml": "d"})
}

func TestWorkTreeStaysOutOfOtherRepositories(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	nested := r.at("nested")
	r.write("nested/n.yaml", "n")
	nested.git("init", "-q")
	nested.git("add", ".")
	nested.git("commit", "-qm", "1")
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./nested", "sub")
	r.git("commit", "-qm", "1")
	want := map[string]string{".gitmodules": "[submodule \"sub\"]\n\tpath = sub\n\turl = ./nested\n", "a.yaml": "a"}
	expect(t, r.workTree(), want)
	delete(want, "a.yaml") // never added
	expect(t, r.index(), want)
	expect(t, r.commit("HEAD"), want)
	expect(t, r.at("sub").workTree(), map[string]string{"n.yaml": "n"})
}

func TestWorkTreeOfALinkedWorkTree(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "main")
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	linked := newDir(t)
	linked.dir = linked.path("w")
	r.git("worktree", "add", "-q", "-b", "other", linked.dir)
	linked.write("dir/a.yaml", "linked")
	linked.write("dir/b.yaml", "b")
	linked.git("add", "dir/b.yaml")
	expect(t, linked.workTree(), map[string]string{"dir/a.yaml": "linked", "dir/b.yaml": "b"})
	expect(t, linked.at("dir").index(), map[string]string{"a.yaml": "main", "b.yaml": "b"})
	expect(t, r.index(), map[string]string{"dir/a.yaml": "main"})
}

func TestWorkTreeUnmergedFilesComeOnce(t *testing.T) {
	r := conflicted(t)
	got, err := collect(r.workTree(), all)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got["a.yaml"], "<<<<<<<") {
		t.Errorf("a.yaml is %q, want conflict marks", got["a.yaml"])
	}
}

// conflicted returns a repository in the middle of a merge.
func conflicted(t *testing.T) repo {
	t.Helper()
	r := newRepo(t)
	r.write("a.yaml", "base\n")
	r.write("b.yaml", "b\n")
	r.git("add", ".")
	r.git("commit", "-qm", "base")
	r.git("checkout", "-qb", "theirs")
	r.write("a.yaml", "theirs\n")
	r.git("commit", "-qam", "theirs")
	r.git("checkout", "-q", "main")
	r.write("a.yaml", "ours\n")
	r.git("commit", "-qam", "ours")
	cmd, _ := git{dir: r.dir, env: os.Environ()}.command(context.Background(), "merge", "theirs")
	if cmd.Run() == nil {
		t.Fatal("the merge has no conflict")
	}
	return r
}

func TestWorkTreeWithoutGit(t *testing.T) {
	r := newDir(t)
	r.write("a.yaml", "a")
	r.write("dir/b.yaml", "b")
	r.write("other/.git/config", "no")
	r.write("other/c.yaml", "c")
	r.symlink("a.yaml", "link.yaml")
	want := map[string]string{"a.yaml": "a", "dir/b.yaml": "b", "other/c.yaml": "c"}
	t.Run("no repository", func(t *testing.T) { expect(t, r.workTree(), want) })
	t.Run("no git", func(t *testing.T) {
		r.git("init", "-q")
		t.Setenv("PATH", t.TempDir())
		expect(t, r.workTree(), want)
	})
}

func TestWorkTreeOfABrokenRepositoryIsAnError(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write(".git/config", "[core")
	got, err := collect(r.workTree(), all)
	var failed *GitError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "bad config") {
		t.Errorf("Each = %v, %v; want git's complaint about its configuration", got, err)
	}
}

func TestWorkTreeOfSomeoneElseIsAnError(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	r := newRepo(t)
	r.write("a.yaml", "a")
	for _, name := range []string{".", ".git"} {
		if err := os.Chown(r.path(name), 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	_, err := collect(r.workTree(), all)
	if err == nil || !strings.Contains(err.Error(), "git config --global --add safe.directory "+r.dir) {
		t.Errorf("Each's error is %v, want the command that git suggests", err)
	}
}

func TestWorkTreeListsEveryUnreadableFile(t *testing.T) {
	if os.Getuid() == 0 {
		runAsNobody(t)
		return
	}
	r := newRepo(t)
	r.write("sub/.keep", "")
	r = r.at("sub") // git names things from its top in some places, from here in others
	r.remove(".keep")
	for _, name := range []string{"a.yaml", "b.yaml", "c.yaml", "closed/d.yaml"} {
		r.write(name, name)
	}
	r.git("add", "b.yaml")
	r.chmod("b.yaml", 0)
	r.chmod("c.yaml", 0)
	r.chmod("closed", 0)
	t.Cleanup(func() { r.chmod("closed", 0o777) })
	got, err := collect(r.workTree(), all)
	var unreadable *UnreadableError
	if !errors.As(err, &unreadable) {
		t.Fatalf("Each's error is %v, want an *UnreadableError", err)
	}
	want := "reading b.yaml: permission denied\nreading c.yaml: permission denied\nreading closed: permission denied"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("Each's error (-want +got):\n%s", diff)
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Error("the error is not fs.ErrPermission")
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "a.yaml"}, got); diff != "" {
		t.Errorf("Each reads (-want +got):\n%s", diff)
	}
}

func TestWorkTreeRefusesHugeFiles(t *testing.T) {
	r := newRepo(t)
	r.write("fits.yaml", "")
	r.write("huge.yaml", "")
	for name, size := range map[string]int64{"fits.yaml": MaxFileSize, "huge.yaml": MaxFileSize + 1} {
		if err := os.Truncate(r.path(name), size); err != nil {
			t.Fatal(err)
		}
	}
	got, err := collect(r.workTree(), all)
	const want = "reading huge.yaml: 67108865 bytes: longer than the limit of 67108864"
	if err == nil || err.Error() != want {
		t.Errorf("Each's error is %v, want %s", err, want)
	}
	if len(got["fits.yaml"]) != MaxFileSize {
		t.Errorf("fits.yaml has %d bytes", len(got["fits.yaml"]))
	}
}

func TestEachStopsAtTheFirstError(t *testing.T) {
	r := newRepo(t)
	for i := range 500 {
		r.write("f"+strconv.Itoa(i)+".yaml", "x")
	}
	r.git("add", ".")
	for _, tree := range []Tree{r.workTree(), r.index()} {
		enough := errors.New("enough")
		var calls atomic.Int64
		err := tree.Each(context.Background(), all, func(int, File, []byte) error {
			calls.Add(1)
			return enough
		})
		if !errors.Is(err, enough) || calls.Load() > int64(Workers()) {
			t.Errorf("%T.Each = %v after %d calls", tree, err, calls.Load())
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		calls.Store(0)
		err = tree.Each(ctx, all, func(int, File, []byte) error {
			calls.Add(1)
			cancel(enough)
			return nil
		})
		if !errors.Is(err, enough) || calls.Load() > 2*batchSize*int64(Workers()) {
			t.Errorf("%T.Each = %v after %d calls and the context's end", tree, err, calls.Load())
		}
	}
}

func TestEachChangedSkipsWhatIsKnown(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write("b.yaml", "b")
	r.write("empty.yaml", "")
	w := r.workTree()
	first := stamps(t, w, nil)
	r.write("b.yaml", "longer")
	r.write("new.yaml", "n")
	var read []string
	for path, data := range stamps(t, w, first) {
		if data.read {
			read = append(read, path)
		}
	}
	if len(read) != 2 || len(first) != 3 {
		t.Errorf("read %q after reading %d files, want b.yaml and new.yaml after 3", read, len(first))
	}
}

// seen is a file that EachChanged named, and whether it was read.
type seen struct {
	file File
	read bool
}

// stamps returns what EachChanged names, given what it named before.
func stamps(t *testing.T, w *WorkTree, before map[string]seen) map[string]seen {
	t.Helper()
	results := make(chan seen, 100)
	unchanged := func(f File) bool { return before[f.Path].file == f }
	err := w.EachChanged(context.Background(), all, unchanged, func(_ int, f File, data []byte) error {
		results <- seen{file: f, read: data != nil}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	close(results)
	named := map[string]seen{}
	for s := range results {
		named[s.file.Path] = s
	}
	return named
}

func TestReadOfAWorkTree(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "a")
	r.symlink("dir", "link")
	r.symlink("dir/a.yaml", "link.yaml")
	tests := []struct {
		path string
		want error
	}{
		{"dir/a.yaml", nil},
		{"dir/b.yaml", fs.ErrNotExist},
		{"no/b.yaml", fs.ErrNotExist},
		{"dir", errNotRegular},
		{"link/a.yaml", ErrSymlink},
		{"link.yaml", ErrSymlink},
		{"../a.yaml", errPath},
		{"/etc/hostname", errPath},
		{"dir//a.yaml", errPath},
		{"", errPath},
		{".", errPath},
	}
	for _, test := range tests {
		got, err := r.workTree().Read(context.Background(), test.path)
		if !errors.Is(err, test.want) || err == nil && string(got) != "a" {
			t.Errorf("Read(%q) = %q, %v; want %v", test.path, got, err, test.want)
		}
	}
}

func TestSharedDirs(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "a", -1}, {"a", "a", 1}, {"a", "b", -1}, {"a", "ab", -1}, {"a", "a/b", 1},
		{"a/b", "a/c", 1}, {"a/b/c", "a/b/d", 3}, {"a/bc", "a/bd", 1},
	}
	for _, test := range tests {
		if got := sharedDirs(test.a, test.b); got != test.want {
			t.Errorf("sharedDirs(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := sharedDirs(test.b, test.a); got != test.want {
			t.Errorf("sharedDirs(%q, %q) = %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
