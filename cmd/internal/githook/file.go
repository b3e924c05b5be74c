package githook

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// file is a hook as it lies on disk.
type file struct {
	path string
	info fs.FileInfo // of the file, or of the symlink; nil if there is none
	text string      // what git would run; "" if there is nothing
}

// maxHook bounds, in bytes, what is read of a hook: what plumb looks for is at
// its beginning, or in a script.
const maxHook = 1 << 20

func readFile(path string) (file, error) {
	h := file{path: path}
	var err error
	h.info, err = os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return file{path: path}, nil
	case err != nil:
		return h, err
	case h.info.IsDir():
		return h, fmt.Errorf("%s: is a directory", path)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return h, nil // a symlink to nothing, or what git cannot run
	}
	f, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer func() { _ = f.Close() }() // nothing is written
	text, err := io.ReadAll(io.LimitReader(f, maxHook))
	h.text = string(text)
	return h, err
}

func (h file) exists() bool { return h.info != nil }

// executable reports whether git runs the hook.
func (h file) executable() bool {
	info, err := os.Stat(h.path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// ours reports whether plumb wrote the hook.
func (h file) ours() bool { return originOf(h.text) == originPlumb }

// same reports whether h and other are one file, or symlinks to one.
func (h file) same(other file) bool {
	target, err := os.Readlink(h.path)
	if err != nil {
		return os.SameFile(h.info, other.info)
	}
	otherTarget, err := os.Readlink(other.path)
	return err == nil && target == otherTarget
}

// keep gives the hook a second name, so that there is no moment without it.
// Where the file system has no hard links, it gets another name.
func (h file) keep(kept file) error {
	if kept.exists() {
		if h.same(kept) {
			return nil // an interrupted run has done it
		}
		return fmt.Errorf("%s: already exists, so that %s cannot be kept there: move one of them away",
			kept.path, filepath.Base(h.path))
	}
	var err error
	if h.info.Mode()&fs.ModeSymlink != 0 {
		var target string
		if target, err = os.Readlink(h.path); err == nil {
			err = os.Symlink(target, kept.path)
		}
	} else {
		err = os.Link(h.path, kept.path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return os.Rename(h.path, kept.path)
	}
	return err
}
