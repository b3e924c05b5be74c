package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// ErrSymlink says that a path is a symlink or leads through one. No such path
// is a file of the tree.
var ErrSymlink = errors.New("is a symlink or below one, and plumb does not follow symlinks")

// Other reasons for a path to name no file of the tree.
var (
	errNotRegular = errors.New("not a regular file")
	errPath       = errors.New("not a path inside the tree")
)

// Absent reports whether err, of a Tree, says that there is no such file in it:
// deleted, replaced by a directory or a device, reached by a symlink only, or in a
// submodule that is not checked out.
func Absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDirectory) ||
		errors.Is(err, ErrSymlink) || errors.Is(err, errNotRegular) ||
		errors.Is(err, ErrNotCheckedOut)
}

// cause returns err without the operation and the path that package os adds.
func cause(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// tooLarge is the error of a file of more than MaxFileSize bytes.
func tooLarge(size int64) error {
	return fmt.Errorf("%d bytes: longer than the limit of %d", size, int64(MaxFileSize))
}

// reader reads files below one directory into a buffer that it uses again and
// again. It serves one goroutine.
type reader struct {
	dir   directory
	buf   []byte
	plain string // the last directory found to be reached without a symlink; "" is the root
}

// openReader returns a reader of the files below root.
func openReader(root string) (*reader, error) {
	dir, err := openDirectory(root)
	if err != nil {
		return nil, err
	}
	return &reader{dir: dir, buf: make([]byte, 64<<10)}, nil
}

func (r *reader) close() { r.dir.close() }

// stat says what the file at name is, without opening it.
func (r *reader) stat(name string) (File, error) {
	if err := r.plainParent(name); err != nil {
		return File{}, err
	}
	f, err := r.dir.lstat(name)
	if err != nil {
		return File{}, err
	}
	return f, regular(f.Mode)
}

// read returns the file at name and its bytes, valid until the next call.
func (r *reader) read(name string) (File, []byte, error) {
	if !inside(name) {
		return File{}, nil, errPath
	}
	if err := r.plainParent(name); err != nil {
		return File{}, nil, err
	}
	return r.dir.read(name, &r.buf)
}

// inside reports whether name is the canonical path of something in the tree.
// Unlike fs.ValidPath it takes names that are not UTF-8, as git does.
func inside(name string) bool {
	return name != "." && path.Clean(name) == name && filepath.IsLocal(filepath.FromSlash(name))
}

// regular returns the error of a file of the given mode that is not a regular one.
func regular(mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode&fs.ModeSymlink != 0:
		return ErrSymlink
	default:
		return errNotRegular
	}
}

// plainParent checks that no directory on the way to name is a symlink. Git
// takes a file behind one for deleted. Names come sorted, so only the part of
// the way that the last name did not share is looked at.
func (r *reader) plainParent(name string) error {
	parent := path.Dir(name)
	if parent == "." || parent == r.plain {
		return nil
	}
	for end := sharedDirs(r.plain, parent); end < len(parent); {
		end++ // past the slash
		if slash := strings.IndexByte(parent[end:], '/'); slash >= 0 {
			end += slash
		} else {
			end = len(parent)
		}
		f, err := r.dir.lstat(parent[:end])
		if err != nil {
			return err
		}
		if f.Mode&fs.ModeSymlink != 0 {
			return ErrSymlink
		}
	}
	r.plain = parent
	return nil
}

// sharedDirs returns the length of the leading directories that a and b have in
// common, or -1 if not even the first is.
func sharedDirs(a, b string) int {
	shared := -1
	for i := 0; ; i++ {
		if (i == len(a) || a[i] == '/') && (i == len(b) || b[i] == '/') && i > 0 {
			shared = i
		}
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return shared
		}
	}
}
