//go:build linux

package atomicfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// TestWriteKeepsAttributes keeps those of the file that it replaces, and none of what a
// link leads to.
func TestWriteKeepsAttributes(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "f"), filepath.Join(dir, "link")
	if err := os.WriteFile(name, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setxattr(name, "user.x", []byte("1"), 0); errors.Is(err, unix.ENOTSUP) {
		t.Skip("NOT TESTED: the file system has no extended attributes")
	} else if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{name, link} {
		if err := atomicfile.Write(file, []byte("b"), 0o640); err != nil {
			t.Fatal(err)
		}
		holds(t, file, "b", 0o640)
		value := make([]byte, 8)
		n, err := unix.Getxattr(file, "user.x", value)
		if kept := err == nil && string(value[:n]) == "1"; kept != (file == name) {
			t.Errorf("%s: kept %t, %v", filepath.Base(file), kept, err)
		}
	}
}
