//go:build linux || darwin

package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// maxAttributes bounds the names of a file's extended attributes, and each value, in bytes.
// Linux has no more.
const maxAttributes = 1 << 16

// keepAttributes copies the extended attributes of one file to another.
func keepAttributes(file, of *os.File) error {
	names, err := attributes(of)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := read(func(b []byte) (int, error) {
			return unix.Fgetxattr(int(of.Fd()), name, b)
		})
		if errors.Is(err, errNoAttribute) {
			continue // it went meanwhile
		}
		if err == nil {
			err = unix.Fsetxattr(int(file.Fd()), name, value, 0)
		}
		if err != nil && !reserved(name, err) {
			return fmt.Errorf("extended attribute %s: %w", name, err)
		}
	}
	return nil
}

// attributes are the names of a file's extended attributes; none where the file system has
// none.
func attributes(of *os.File) ([]string, error) {
	list, err := read(func(b []byte) (int, error) { return unix.Flistxattr(int(of.Fd()), b) })
	if isUnsupported(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("extended attributes: %w", err)
	}
	return strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 }), nil
}

// read reads what a system call returns of a size that it tells first.
func read(call func([]byte) (int, error)) ([]byte, error) {
	size, err := call(nil)
	if err != nil || size == 0 {
		return nil, err
	}
	buffer := make([]byte, min(2*size, maxAttributes)) // it may grow meanwhile
	size, err = call(buffer)
	if err != nil {
		return nil, err
	}
	return buffer[:size], nil
}

// reserved reports whether an error is about an attribute that the system keeps to itself.
func reserved(name string, err error) bool {
	return !isUsers(name) && (os.IsPermission(err) || isUnsupported(err))
}

// isUsers reports whether an attribute is the user's own, or an access control list, which
// a process that may replace the file may set.
func isUsers(name string) bool {
	return strings.HasPrefix(name, "user.") || name == "system.posix_acl_access"
}

func isUnsupported(err error) bool {
	return errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOPNOTSUPP) ||
		errors.Is(err, unix.ENOSYS)
}
