package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	for _, perm := range []fs.FileMode{0o777, 0o640, 0o400, 0o600} { // 0777: more than a umask leaves
		if err := atomicfile.Write(name, []byte(perm.String()), perm); err != nil {
			t.Fatal(err)
		}
		holds(t, name, perm.String(), perm)
	}
	onlyFile(t, name)
}

func TestWriteCacheCreatesItsDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	name := filepath.Join(dir, "f")
	for _, content := range []string{"one", ""} {
		if err := atomicfile.WriteCache(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
		holds(t, name, content, 0o600)
	}
	onlyFile(t, name)
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); runtime.GOOS != "windows" && perm != 0o700 {
		t.Errorf("the directory has mode %o, want 700", perm)
	}
}

func TestErrorLeavesTheOldFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := atomicfile.Write(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := atomicfile.WriteFunc(name, 0o600, func(w io.Writer) error {
		if _, err := io.WriteString(w, "part"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	holds(t, name, "old", 0o644)
	onlyFile(t, name)
}

func TestRenameErrorRemovesTheTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "d")
	if err := os.MkdirAll(filepath.Join(name, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(name, []byte("new"), 0o644); err == nil {
		t.Error("a directory was replaced")
	}
	if err := atomicfile.WriteCache(name, []byte("new")); err == nil {
		t.Error("a directory was replaced")
	}
	onlyFile(t, name)
}

func TestSymlinkIsReplaced(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("target"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := atomicfile.Write(link, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	holds(t, target, "target", 0o644)
	holds(t, link, "new", 0o644)
}

func TestMissingDirectory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "gone", "f")
	if err := atomicfile.Write(name, nil, 0o644); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want ErrNotExist", err)
	}
}

// holds checks a file's content and mode, and that it is not a symlink.
func holds(t *testing.T, name, want string, perm fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %q, want %q", name, got, want)
	}
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != perm {
		t.Errorf("%s has mode %v, want %v", name, info.Mode(), perm)
	}
}

// onlyFile checks that a directory holds nothing but name.
func onlyFile(t *testing.T, name string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == filepath.Base(name) }) || len(entries) != 1 {
		t.Errorf("the directory holds %v, want %s only", entries, filepath.Base(name))
	}
}
