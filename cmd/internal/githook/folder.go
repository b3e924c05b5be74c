// Package githook installs, finds and removes the pre-commit hook that runs
// plumb verify --staged. A hook that is there already is kept, and runs first.
package githook

import (
	"context"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// State is what there is of plumb's hook in a repository.
type State string

// The states of a hook.
const (
	None          State = "none"          // no hook is plumb's
	Installed     State = "installed"     // git runs plumb's hook
	NotExecutable State = "notExecutable" // plumb's hook is there, and git does not run it
	Changed       State = "changed"       // the hook was plumb's, and has been modified
)

// Folder is the folder in which git looks for the hooks of a repository, with
// the hooks in it that concern plumb.
type Folder struct {
	tree.Hooks
	from   string // the directory that paths are shown relative to
	hook   file   // what git runs
	kept   file   // what plumb's hook runs first
	legacy file   // what the pre-commit framework's hook runs first
}

// Find reads the hooks of the git work tree that holds the directory dir. The
// error is tree.ErrNoWorkTree where there is none, and tree.ErrNoHooks where git
// is configured to run no hooks.
func Find(ctx context.Context, dir string) (*Folder, error) {
	found, err := tree.FindHooks(ctx, dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Hooks: found, from: dir}
	return f, f.read()
}

// read looks at the files.
func (f *Folder) read() error {
	for _, h := range []struct {
		name string
		into *file
	}{{hookName, &f.hook}, {KeptName, &f.kept}, {legacyName, &f.legacy}} {
		var err error
		if *h.into, err = readFile(filepath.Join(f.Dir, h.name)); err != nil {
			return err
		}
	}
	return nil
}

// own is plumb's hook: the one that git runs, or that the pre-commit
// framework's hook runs before its own. If there is none, it is the path where it
// belongs, and what is there now.
func (f *Folder) own() file {
	if isFramework(f.hook.text) && f.legacy.ours() {
		return f.legacy
	}
	return f.hook
}

// State is what there is of plumb's hook.
func (f *Folder) State() State {
	own := f.own()
	switch {
	case own.ours() && own.executable() && f.hook.executable():
		return Installed
	case own.ours():
		return NotExecutable
	case own.exists() && originOf(own.text) == originEdited:
		return Changed
	default:
		return None
	}
}

// Path is the path of plumb's hook, or where it would be installed.
func (f *Folder) Path() string { return f.own().path }

// Kept is the path of the previous hook, which plumb's hook runs first; "" if
// there is none.
func (f *Folder) Kept() string {
	if !f.kept.exists() {
		return ""
	}
	return f.kept.path
}

// KeptRuns reports whether the previous hook can be executed; plumb's hook skips
// it otherwise, as git did.
func (f *Folder) KeptRuns() bool { return f.kept.executable() }

// Exists reports whether git has a pre-commit hook, plumb's or another.
func (f *Folder) Exists() bool { return f.hook.exists() }

// Display is a path as people read it: relative to the directory that Find was
// given, if it lies below.
func (f *Folder) Display(path string) string {
	if rel, err := filepath.Rel(f.from, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}
