// Package atomicfile replaces files as a whole: a reader sees the old content or
// the new one, never a part of either.
//
// The new content is written to a hidden file .plumb-*.tmp in the same directory,
// which is then renamed. After an error the temporary file is removed and the old
// file is as it was; only a killed process leaves the temporary file behind.
// To replace several files of a work tree or none, use tree.WorkTree.WriteAll.
package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file called name, or creates it, with the permission bits perm
// whatever the umask is. Its owner and extended attributes stay, as with Keep. When it returns nil, the content and the name are on disk.
// A symlink is replaced, not followed. The directory must exist.
func Write(name string, data []byte, perm fs.FileMode) error {
	return WriteFunc(name, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteFunc is Write for content that write produces. An error of write is returned
// as it is.
func WriteFunc(name string, perm fs.FileMode, write func(io.Writer) error) error {
	err := replace(name, func(f *os.File) error {
		if err := write(f); err != nil {
			return err
		}
		if err := keepOf(f, name); err != nil {
			return err
		}
		if err := f.Chmod(perm); err != nil {
			return err
		}
		return f.Sync()
	})
	if err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(name)); err == nil {
		_ = dir.Sync() // not every system can; at worst the old file is back after a power loss
		_ = dir.Close()
	}
	return nil
}

// WriteCache is Write for content that can be made again. Only the file's owner can
// read it, and the directory is created where it is missing, for its owner as well.
// Nothing is flushed to disk: after a power loss the file may hold a part of the
// content, so the reader must be able to tell.
func WriteCache(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return replace(name, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// replace renames a temporary file that fill has filled. It is of mode 0600 at first.
func replace(name string, fill func(*os.File) error) error {
	temp, err := os.CreateTemp(filepath.Dir(name), ".plumb-*.tmp")
	if err != nil {
		return err
	}
	// It is closed before it is renamed: Windows renames no open file.
	if err = errors.Join(fill(temp), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the first error is the one to report
	}
	return err
}
