//go:build linux

package tree

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// replace is the write of a file that holds old.
func replace(path, old, new string) Write {
	return Write{Path: path, Old: []byte(old), New: []byte(new)}
}

// create is the write of a file that is not there.
func create(path, new string) Write { return Write{Path: path, New: []byte(new)} }

func TestWriteAll(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write("dir/b.yaml", "b")
	r.write("same.yaml", "s")
	r.chmod("a.yaml", 0o640)
	r.chmod("dir/b.yaml", 0o755)
	if os.Getuid() == 0 {
		if err := os.Chown(r.path("a.yaml"), 12345, 12346); err != nil {
			t.Fatal(err)
		}
	}
	before := ownerOf(t, r.path("a.yaml"))
	err := r.workTree().WriteAll(context.Background(), []Write{
		replace("a.yaml", "a", "a2"), replace("dir/b.yaml", "b", ""), replace("same.yaml", "s", "s"),
		create("new.yaml", "n"), create(".plumb/evidence/x.json", "{}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.holds("a.yaml", "a2")
	r.holds("dir/b.yaml", "")
	r.holds("new.yaml", "n")
	r.holds(".plumb/evidence/x.json", "{}")
	r.names(".plumb/evidence/x.json", "a.yaml", "dir/b.yaml", "new.yaml", "same.yaml")
	for name, want := range map[string]fs.FileMode{"a.yaml": 0o640, "dir/b.yaml": 0o755} {
		if info, err := os.Stat(r.path(name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want mode %v", name, info.Mode(), err, want)
		}
	}
	if after := ownerOf(t, r.path("a.yaml")); after != before {
		t.Errorf("a.yaml belongs to %v, want %v", after, before)
	}
}

// ownerOf returns the user and group of a file.
func ownerOf(t *testing.T, name string) [2]uint32 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	return [2]uint32{stat.Uid, stat.Gid}
}

func TestWriteAllRemoves(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write("old.json", "o")
	gone := Write{Path: "old.json", Old: []byte("o"), Remove: true}
	if err := r.workTree().WriteAll(context.Background(), []Write{replace("a.yaml", "a", "a2"), gone}); err != nil {
		t.Fatal(err)
	}
	r.holds("a.yaml", "a2")
	r.names("a.yaml")

	r.write("old.json", "changed")
	err := r.workTree().WriteAll(context.Background(), []Write{replace("a.yaml", "a2", "a3"), gone})
	if !errors.Is(err, ErrChanged) {
		t.Errorf("removing what has changed: %v, want ErrChanged", err)
	}
	r.holds("a.yaml", "a2")
	r.holds("old.json", "changed")
}

func TestWriteAllRefusesAllForOne(t *testing.T) {
	r := newRepo(t)
	outside := t.TempDir()
	for _, name := range []string{filepath.Join(outside, "o.yaml"), filepath.Join(outside, "f.yaml")} {
		if err := os.WriteFile(name, []byte("o"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"fine.yaml", "changed.yaml", "longer.yaml", "readonly.yaml", "there.yaml", "shut/a.yaml", "dir/x"} {
		r.write(name, "o")
	}
	r.chmod("readonly.yaml", 0o444)
	r.chmod("shut", 0o555)
	r.symlink(outside, "out")
	r.symlink(filepath.Join(outside, "f.yaml"), "link.yaml")
	r.symlink("fine.yaml", "inner.yaml")
	cases := []struct {
		write Write
		want  error
	}{
		{replace("changed.yaml", "p", "n"), ErrChanged},
		{replace("longer.yaml", "", "n"), ErrChanged},
		{replace("gone.yaml", "o", "n"), ErrChanged},
		{create("there.yaml", "n"), ErrChanged},
		{replace("readonly.yaml", "o", "n"), ErrReadOnly},
		{replace("shut/a.yaml", "o", "n"), ErrReadOnly},
		{create("shut/new/b.yaml", "n"), ErrReadOnly},
		{replace("out/o.yaml", "o", "n"), ErrSymlink},
		{create("out/new.yaml", "n"), ErrSymlink},
		{replace("link.yaml", "o", "n"), ErrSymlink},
		{replace("inner.yaml", "o", "n"), ErrSymlink},
		{replace("dir", "o", "n"), errNotRegular},
		{create("fine.yaml/x.yaml", "n"), errNotDirectory},
		{create("../up.yaml", "n"), errPath},
	}
	writes := []Write{replace("fine.yaml", "o", "n")}
	for _, c := range cases {
		writes = append(writes, c.write)
	}
	err := r.workTree().WriteAll(context.Background(), writes)
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("WriteAll's error is %v, want a *RefusedError", err)
	}
	if len(refused.Files) != len(cases) {
		t.Fatalf("%d files are refused, want %d:\n%v", len(refused.Files), len(cases), err)
	}
	for i, c := range cases {
		if got := refused.Files[i]; got.Path != c.write.Path || !errors.Is(got, c.want) {
			t.Errorf("refused %v; want %s: %v", got, c.write.Path, c.want)
		}
	}
	r.holds("fine.yaml", "o")
	r.names("changed.yaml", "dir/x", "fine.yaml", "longer.yaml", "readonly.yaml", "shut/a.yaml", "there.yaml")
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 2 {
		t.Errorf("outside of the tree are %v, %v", entries, err)
	}
	if err := r.workTree().WriteAll(context.Background(), writes[:1]); err != nil {
		t.Errorf("the write that is fine is refused on its own: %v", err)
	}
	r.holds("fine.yaml", "n")
}

func TestWriteAllRefusesToWriteTwice(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	err := r.workTree().WriteAll(context.Background(), []Write{replace("a.yaml", "a", "b"), replace("a.yaml", "a", "c")})
	if err == nil || !strings.Contains(err.Error(), "writing a.yaml: written twice") {
		t.Errorf("WriteAll's error is %v", err)
	}
	r.holds("a.yaml", "a")
}

func TestWriteAllThroughASymlinkInTheTree(t *testing.T) {
	r := newRepo(t)
	r.write("real/a.yaml", "a")
	r.symlink("real", "link")
	if err := r.workTree().WriteAll(context.Background(), []Write{replace("link/a.yaml", "a", "b")}); err != nil {
		t.Error(err)
	}
	r.holds("real/a.yaml", "b")
}

func TestWriteAllEndedBeforeItBegins(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	ctx, cancel := context.WithCancel(context.Background())
	w := r.workTree()
	unlock, err := w.Lock(ctx, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	cancel()
	if err := w.WriteAll(ctx, []Write{replace("a.yaml", "a", "b")}); !errors.Is(err, context.Canceled) {
		t.Errorf("WriteAll's error is %v, want context.Canceled", err)
	}
	r.holds("a.yaml", "a")
	r.names("a.yaml")
}

// halfway returns a writer of two files of which the first is written.
func halfway(t *testing.T, r repo) writer {
	t.Helper()
	r.write("one/a.yaml", "a")
	r.write("two/b.yaml", "b")
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	held, release, err := r.workTree().ensureLock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { release(); _ = root.Close() })
	writes := []Write{replace("one/a.yaml", "a", "A"), replace("two/b.yaml", "b", "B")}
	w := writer{root: root, held: held, staged: make([]staged, len(writes))}
	if err := w.stage(context.Background(), writes); err != nil {
		t.Fatal(err)
	}
	if err := root.Rename(w.staged[0].temp, "one/a.yaml"); err != nil {
		t.Fatal(err)
	}
	w.staged[0].made = false
	return w
}

func TestUndoPutsBack(t *testing.T) {
	r := newRepo(t)
	w := halfway(t, r)
	r.holds("one/a.yaml", "A")
	why := errors.New("no room")
	err := w.undo(1, why)
	var partial *PartialError
	if !errors.Is(err, why) || errors.As(err, &partial) {
		t.Errorf("undo's error is %v, want %v alone", err, why)
	}
	r.holds("one/a.yaml", "a")
	r.holds("two/b.yaml", "b")
	r.names("one/a.yaml", "two/b.yaml")
}

func TestUndoSaysWhatItCannotPutBack(t *testing.T) {
	r := newRepo(t)
	w := halfway(t, r)
	r.remove("one")
	r.write("one", "in the way")
	err := w.undo(1, errors.New("no room"))
	var partial *PartialError
	if !errors.As(err, &partial) {
		t.Fatalf("undo's error is %v, want a *PartialError", err)
	}
	if diff := cmp.Diff([]string{"one/a.yaml"}, partial.Written); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	r.names("one", "two/b.yaml")
}

func TestWriteAllOnAFullDisk(t *testing.T) {
	r := newDir(t)
	if err := unix.Mount("tmpfs", r.dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skip("a small file system cannot be mounted: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(r.dir, unix.MNT_DETACH) })
	r.write("a.yaml", "a")
	r.write("b.yaml", "b")
	big := bytes.Repeat([]byte("x"), 200<<10)
	err := r.workTree().WriteAll(context.Background(), []Write{
		{Path: "a.yaml", Old: []byte("a"), New: big}, {Path: "b.yaml", Old: []byte("b"), New: big},
	})
	if !errors.Is(err, unix.ENOSPC) {
		t.Errorf("WriteAll's error is %v, want %v", err, unix.ENOSPC)
	}
	r.holds("a.yaml", "a")
	r.holds("b.yaml", "b")
	r.names("a.yaml", "b.yaml")
}
