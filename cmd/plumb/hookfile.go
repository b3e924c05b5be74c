package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// hookState is what there is of plumb's hook in a repository.
type hookState string

const (
	hookNone      hookState = "none"          // no hook is plumb's
	hookInstalled hookState = "installed"     // plumb's hook is there
	hookDormant   hookState = "notExecutable" // it is, but git does not run it
	hookChanged   hookState = "changed"       // it was, before somebody changed it
)

// hookFile is a hook as it lies on disk.
type hookFile struct {
	path string
	info fs.FileInfo // of the file, or of the symlink; nil if there is none
	text string      // what git would run; "" if there is nothing
}

// maxHook bounds, in bytes, what is read of a hook: what plumb looks for is at
// its beginning, or in a script.
const maxHook = 1 << 20

func readHook(path string) (hookFile, error) {
	h := hookFile{path: path}
	var err error
	h.info, err = os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return hookFile{path: path}, nil
	case err != nil:
		return h, err
	case h.info.IsDir():
		return h, fmt.Errorf("%s: is a directory", path)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return h, nil // a symlink to nothing, or what git cannot run
	}
	file, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer func() { _ = file.Close() }() // nothing is written
	text, err := io.ReadAll(io.LimitReader(file, maxHook))
	h.text = string(text)
	return h, err
}

func (h hookFile) there() bool { return h.info != nil }

// executable reports whether git runs the hook.
func (h hookFile) executable() bool {
	info, err := os.Stat(h.path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// ours reports whether plumb wrote the hook.
func (h hookFile) ours() bool { return originOf(h.text) == hookOurs }

// same reports whether h and other are one file, or symlinks to one.
func (h hookFile) same(other hookFile) bool {
	target, err := os.Readlink(h.path)
	if err != nil {
		return os.SameFile(h.info, other.info)
	}
	otherTarget, err := os.Readlink(other.path)
	return err == nil && target == otherTarget
}

// hookFolder is the hooks of a repository, so far as they concern plumb.
type hookFolder struct {
	tree.Hooks
	hook   hookFile // what git runs
	kept   hookFile // what plumb's hook runs first
	legacy hookFile // what the pre-commit framework's hook runs first
}

func readHooks(ctx context.Context, dir string) (*hookFolder, error) {
	found, err := tree.FindHooks(ctx, dir)
	if err != nil {
		return nil, err
	}
	f := &hookFolder{Hooks: found}
	return f, f.reread()
}

// reread looks at the files anew.
func (f *hookFolder) reread() error {
	for _, h := range []struct {
		name string
		into *hookFile
	}{{hookName, &f.hook}, {keptName, &f.kept}, {legacyName, &f.legacy}} {
		var err error
		if *h.into, err = readHook(filepath.Join(f.Dir, h.name)); err != nil {
			return err
		}
	}
	return nil
}

// own is plumb's hook: the one that git runs, or that the pre-commit
// framework's hook runs before its own. If there is none, it is where it
// belongs, and what is there now.
func (f *hookFolder) own() hookFile {
	if isFramework(f.hook.text) && f.legacy.ours() {
		return f.legacy
	}
	return f.hook
}

func (f *hookFolder) state() hookState {
	own := f.own()
	switch {
	case own.ours() && own.executable() && f.hook.executable():
		return hookInstalled
	case own.ours():
		return hookDormant
	case own.there() && originOf(own.text) == hookEdited:
		return hookChanged
	default:
		return hookNone
	}
}

// install puts the hook in place, behind one that is there already. changed is
// false if all is as it should be.
func (f *hookFolder) install(text string) (changed bool, err error) {
	own := f.own()
	if own.ours() && own.text == text && own.executable() {
		return false, nil
	}
	if err := f.writable(); err != nil {
		return false, err
	}
	if err := os.MkdirAll(f.Dir, 0o777); err != nil {
		return false, err
	}
	if own.there() && !own.ours() {
		if err := keepHook(own, f.kept); err != nil {
			return false, err
		}
	}
	return true, atomicfile.Write(own.path, []byte(text), 0o755)
}

// writable returns an error where the folder's permission bits forbid a change,
// which not even root should make.
func (f *hookFolder) writable() error {
	info, err := os.Stat(f.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: is no directory", f.Dir)
	case info.Mode().Perm()&0o222 == 0:
		return fmt.Errorf("%s: %w", f.Dir, tree.ErrReadOnly)
	}
	return nil
}

// keepHook gives the hook a second name, so that there is no moment without it.
// Where the file system knows no second names, it gets another name.
func keepHook(hook, kept hookFile) error {
	if kept.there() {
		if hook.same(kept) {
			return nil // a run that was cut short has done it
		}
		return fmt.Errorf("%s: is in the way of keeping %s: move one of them away", kept.path, hook.path)
	}
	var err error
	if hook.info.Mode()&fs.ModeSymlink != 0 {
		var target string
		if target, err = os.Readlink(hook.path); err == nil {
			err = os.Symlink(target, kept.path)
		}
	} else {
		err = os.Link(hook.path, kept.path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return os.Rename(hook.path, kept.path)
	}
	return err
}

// uninstall takes plumb's hook away, and brings back what was there before it.
// changed is false if no hook is plumb's.
func (f *hookFolder) uninstall() (changed bool, err error) {
	own := f.own()
	gone := !f.hook.there() && f.kept.there() // somebody has removed it by hand
	if !own.ours() && !gone {
		return false, nil
	}
	if err := f.writable(); err != nil {
		return false, err
	}
	if !f.kept.there() {
		return true, os.Remove(own.path)
	}
	if own.path == f.legacy.path && isFramework(f.kept.text) {
		// The framework has come back in front of plumb meanwhile.
		return true, errors.Join(os.Remove(own.path), os.Remove(f.kept.path))
	}
	return true, os.Rename(f.kept.path, own.path)
}
