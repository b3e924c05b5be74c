package tree

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Why a write is rejected, for errors.Is.
var (
	// ErrChanged says that a file is not as it was when it was read.
	ErrChanged = errors.New("changed since it was read: run the command again")
	// ErrReadOnly says that a file's or a directory's permission bits, or its
	// file system, forbid writing.
	ErrReadOnly = errors.New("read-only: make it writable")
)

// Check returns the *RefusedError that WriteAll would return now, if any, and
// writes nothing.
func (t *WorkTree) Check(writes []Write) error {
	root, err := os.OpenRoot(t.root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing is written through it
	return checkAll(root, writes)
}

// checkAll returns a *RefusedError if any of the writes cannot be made.
func checkAll(root *os.Root, writes []Write) error {
	var refused []FileError
	seen := map[string]bool{}
	for _, write := range writes {
		err := check(root, write)
		if seen[write.Path] {
			err = errors.New("written twice")
		}
		seen[write.Path] = true
		if err != nil {
			refused = append(refused, FileError{Path: write.Path, Err: cause(err)})
		}
	}
	if refused != nil {
		return &RefusedError{Files: refused}
	}
	return nil
}

// check returns why write cannot be made, or nil.
func check(root *os.Root, write Write) error {
	if !inside(write.Path) {
		return errPath
	}
	if err := checkOld(root, write); err != nil {
		return err
	}
	if write.Old != nil {
		if err := checkWritable(root, write.Path); err != nil {
			return err
		}
	}
	return checkParent(root, path.Dir(write.Path))
}

// checkOld returns an error if the file is not as write takes it to be.
func checkOld(root *os.Root, write Write) error {
	name := filepath.FromSlash(write.Path)
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if write.Old == nil {
			return nil
		}
		return ErrChanged
	case err != nil:
		return outside(err)
	case regular(info.Mode()) != nil:
		return regular(info.Mode())
	case write.Old == nil, info.Size() != int64(len(write.Old)):
		return ErrChanged
	}
	file, err := root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // nothing was written
	now, err := io.ReadAll(io.LimitReader(file, int64(len(write.Old))+1))
	if err != nil {
		return err
	}
	if !bytes.Equal(now, write.Old) {
		return ErrChanged
	}
	return nil
}

// checkParent returns an error if no file can be made in dir, or in the nearest
// directory above it that there is.
func checkParent(root *os.Root, dir string) error {
	for {
		info, err := root.Stat(filepath.FromSlash(dir))
		switch {
		case errors.Is(err, fs.ErrNotExist) && dir != ".":
			dir = path.Dir(dir)
			continue
		case err != nil:
			return outside(err)
		case !info.IsDir():
			return FileError{Path: dir, Err: errNotDirectory}
		}
		if err := checkWritable(root, dir); err != nil {
			return FileError{Path: dir, Err: err}
		}
		return nil
	}
}

// checkWritable returns an error if the file or directory at name cannot be
// written. Permission bits do not stop root, but plumb respects them as root too, so
// both the bits and the system are checked.
func checkWritable(root *os.Root, name string) error {
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o222 == 0 {
		return ErrReadOnly
	}
	return access(filepath.Join(root.Name(), filepath.FromSlash(name)))
}

// outside returns ErrSymlink in place of package os's error for a path that
// leaves the root.
func outside(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) && pathErr.Err.Error() == "path escapes from parent" {
		return ErrSymlink
	}
	return err
}
