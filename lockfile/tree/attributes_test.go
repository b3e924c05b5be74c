//go:build linux

package tree

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// accessList is an access control list (u::rw-, u:1000:r--, g::r--, m::r--, o::---) as
// Linux keeps it.
func accessList() []byte {
	out := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range [][3]uint32{{1, 6, 1<<32 - 1}, {2, 4, 1000}, {4, 4, 1<<32 - 1}, {0x10, 4, 1<<32 - 1}, {0x20, 0, 1<<32 - 1}} {
		out = binary.LittleEndian.AppendUint16(out, uint16(e[0]))
		out = binary.LittleEndian.AppendUint16(out, uint16(e[1]))
		out = binary.LittleEndian.AppendUint32(out, e[2])
	}
	return out
}

// attribute is the value of an extended attribute, nil if there is none.
func attribute(t *testing.T, file, name string) []byte {
	t.Helper()
	value := make([]byte, 1<<16)
	n, err := unix.Getxattr(file, name, value)
	if errors.Is(err, unix.ENODATA) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return value[:n]
}

// TestWriteAllKeepsAttributes: what a file has besides its content stays, also where the
// writing is undone; a new file has nothing.
func TestWriteAllKeepsAttributes(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", "a")
	r.write("plain.yaml", "p")
	r.chmod("a.yaml", 0o640)
	long := bytes.Repeat([]byte("x"), 2000)
	attributes := map[string][]byte{"user.x": []byte("1"), "user.empty": {}, "user.long": long, "system.posix_acl_access": accessList()}
	for name, value := range attributes {
		err := unix.Setxattr(r.path("a.yaml"), name, value, 0)
		if errors.Is(err, unix.ENOTSUP) {
			t.Skipf("NOT TESTED: the file system has no %s", name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.Stat(r.path("a.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(content string) {
		t.Helper()
		r.holds("a.yaml", content)
		for name, want := range attributes {
			if got := attribute(t, r.path("a.yaml"), name); got == nil || !bytes.Equal(got, want) {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if after, err := os.Stat(r.path("a.yaml")); err != nil || after.Mode() != before.Mode() {
			t.Errorf("mode %v, want %v", after.Mode(), before.Mode())
		}
	}
	if err := r.workTree().WriteAll(context.Background(), []Write{
		replace("a.yaml", "a", "b"), replace("plain.yaml", "p", "q"), create("new.yaml", "n")}); err != nil {
		t.Fatal(err)
	}
	check("b")
	for _, name := range []string{"plain.yaml", "new.yaml"} {
		if got := attribute(t, r.path(name), "user.x"); got != nil {
			t.Errorf("%s has it as well: %q", name, got)
		}
	}
}

// TestTempsAreHidden: git does not take what a killed process left, and its list keeps
// what stands there.
func TestTempsAreHidden(t *testing.T) {
	for name, tt := range map[string]struct{ before, want string }{
		"no list":           {"-", excludeLine},
		"an empty one":      {"", excludeLine},
		"others in it":      {"*.o\n", "*.o\n" + excludeLine},
		"without a newline": {"*.o", "*.o\n" + excludeLine},
		"it is there":       {"*.o\n" + tempGlob + "\n", "*.o\n" + tempGlob + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			list := r.path(".git/info/exclude")
			_ = os.RemoveAll(r.path(".git/info"))
			if tt.before != "-" {
				r.write(".git/info/exclude", tt.before)
			}
			r.write("a.yaml", "a")
			for _, write := range []Write{replace("a.yaml", "a", "b"), replace("a.yaml", "b", "c")} {
				if err := r.workTree().WriteAll(context.Background(), []Write{write}); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(list); err != nil || string(got) != tt.want {
				t.Errorf("the list is %q, %v, want %q", got, err, tt.want)
			}
			r.write(tempName(), "half")
			r.write("dir/"+tempName(), "half")
			r.git("add", "-A")
			if got := r.git("ls-files"); got != "a.yaml" {
				t.Errorf("git took %s", strings.ReplaceAll(got, "\n", " "))
			}
		})
	}
	r := newDir(t) // no repository
	r.write("a.yaml", "a")
	if err := r.workTree().WriteAll(context.Background(), []Write{replace("a.yaml", "a", "b")}); err != nil {
		t.Fatal(err)
	}
	r.names("a.yaml")
}
