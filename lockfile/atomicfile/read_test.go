//go:build unix

package atomicfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// TestReadCacheNeverWaits reads regular files of sane size, and nothing else.
func TestReadCacheNeverWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(name string) error
		want string // "" is "content"
	}{
		"a file":            {func(name string) error { return os.WriteFile(name, []byte("content"), 0o600) }, ""},
		"a larger file":     {func(name string) error { return os.WriteFile(name, []byte("content!"), 0o600) }, "more than 7 bytes"},
		"nothing":           {func(string) error { return nil }, "no such file"},
		"a named pipe":      {func(name string) error { return syscall.Mkfifo(name, 0o600) }, "not a regular file"},
		"a device":          {func(name string) error { return os.Symlink("/dev/zero", name) }, "not a regular file"},
		"a folder":          {func(name string) error { return os.Mkdir(name, 0o700) }, "not a regular file"},
		"a link to a file":  {func(name string) error { return os.Symlink("/etc/hostname", name) }, "not a regular file"},
		"a link to nothing": {func(name string) error { return os.Symlink("nowhere", name) }, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "cache")
			if err := tt.make(file); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				data, err := atomicfile.ReadCache(file, 7)
				switch {
				case tt.want == "" && (err != nil || string(data) != "content"):
					t.Errorf("%q, %v", data, err)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("%q, %v, want %q", data, err, tt.want)
				}
			}()
			select {
			case <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("it waits")
			}
		})
	}
}
