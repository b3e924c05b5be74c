package githook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Install writes the hook, which runs p, and keeps one that is there already.
// changed is false if all is as it should be. The error is a *RefusedError
// where Refused has one.
func (f *Folder) Install(p Program, force bool) (changed bool, err error) {
	if err := f.Refused(force); err != nil {
		return false, err
	}
	own, text := f.own(), script(p)
	if own.ours() && own.text == text && own.executable() {
		return false, nil
	}
	if err := f.writable(); err != nil {
		return false, err
	}
	if err := os.MkdirAll(f.Dir, 0o777); err != nil {
		return false, err
	}
	if own.exists() && !own.ours() {
		if err := own.keep(f.kept); err != nil {
			return false, err
		}
	}
	if err := atomicfile.Write(own.path, []byte(text), 0o755); err != nil {
		return false, err
	}
	return true, f.read()
}

// Uninstall removes plumb's hook, and restores the previous one. changed is
// false if no hook is plumb's. The error is a *RefusedError where the hook has
// been modified.
func (f *Folder) Uninstall() (changed bool, err error) {
	if f.State() == Changed {
		return false, &RefusedError{f.Display(f.Path()), modified, "remove it by hand"}
	}
	own := f.own()
	removed := !f.hook.exists() && f.kept.exists() // by hand
	if !own.ours() && !removed {
		return false, nil
	}
	if err := f.writable(); err != nil {
		return false, err
	}
	switch {
	case !f.kept.exists():
		err = os.Remove(own.path)
	case own.path == f.legacy.path && isFramework(f.kept.text):
		// The framework has been installed again in front of plumb meanwhile.
		err = errors.Join(os.Remove(own.path), os.Remove(f.kept.path))
	default:
		err = os.Rename(f.kept.path, own.path)
	}
	if err != nil {
		return false, err
	}
	return true, f.read()
}

// writable returns an error where the folder's permission bits forbid a change,
// which not even root should make.
func (f *Folder) writable() error {
	info, err := os.Stat(f.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: is not a directory", f.Dir)
	case info.Mode().Perm()&0o222 == 0:
		return fmt.Errorf("%s: %w", f.Dir, tree.ErrReadOnly)
	}
	return nil
}
