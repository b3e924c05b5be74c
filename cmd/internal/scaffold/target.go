package scaffold

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/cmd/internal/githook"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Target is where files are written to: a directory, and the repository that it
// is in.
type Target struct {
	Dir        string          // of plumb.yaml
	Top        string          // of the work tree, or Dir outside of git
	Git        bool            // Dir is in a git work tree
	Configured bool            // plumb.yaml exists
	Hooks      *githook.Folder // nil where git runs none
	HooksError error           // why Hooks is nil
}

// ErrExists is the error of a file that exists, and would have to be changed.
var ErrExists = errors.New("already exists; no file was changed")

// NewTarget looks at a directory and its repository.
func NewTarget(ctx context.Context, dir string) (*Target, error) {
	t := &Target{Dir: dir, Top: dir}
	top, git, err := tree.TopLevel(ctx, dir)
	if err != nil {
		return nil, err
	}
	if t.Configured, err = exists(filepath.Join(dir, tree.ConfigFile)); err != nil {
		return nil, err
	}
	if git {
		t.Top, t.Git = top, true
		t.Hooks, t.HooksError = githook.Find(ctx, dir)
	}
	return t, nil
}

// exists reports whether there is something at path.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// HasFile reports whether the file of a CI system exists.
func (t *Target) HasFile(s System) (bool, error) {
	return exists(filepath.Join(t.Top, filepath.FromSlash(s.File)))
}

// Writes are what Target.Write writes: the text of plumb.yaml, unless that exists,
// and what else there is.
type Writes struct {
	Config string
	System *System // nil for none
	Bots   *System // that locks what bots have changed, unless it exists; nil for none
	Source Source  // of plumb, for both
	Hook   bool
}

// Written is what Target.Write has written.
type Written struct {
	Files       []string // below Top
	HookChanged bool
	Program     githook.Program // that the hook runs
}

// Write writes all that w has, or nothing if any of it cannot be written. The
// error is ErrExists where the file of the CI system exists, and a
// *githook.RefusedError where the hook cannot be installed.
func (t *Target) Write(ctx context.Context, w Writes) (Written, error) {
	var done Written
	var writes []tree.Write
	if !t.Configured {
		dir, err := filepath.Rel(t.Top, t.Dir)
		if err != nil {
			return done, err
		}
		name := filepath.ToSlash(filepath.Join(dir, tree.ConfigFile))
		writes = append(writes, tree.Write{Path: name, New: []byte(w.Config)})
	}
	if w.System != nil {
		if there, err := t.HasFile(*w.System); err != nil {
			return done, err
		} else if there {
			return done, ErrExists
		}
		writes = append(writes, tree.Write{Path: w.System.File, New: []byte(w.System.Text(w.Source))})
	}
	if w.Bots != nil {
		there, err := t.HasFile(*w.Bots)
		if err != nil {
			return done, err
		}
		if !there {
			text := w.Bots.Text(w.Source)
			writes = append(writes, tree.Write{Path: w.Bots.File, New: []byte(text)})
		}
	}
	work, err := tree.OpenWorkTree(ctx, t.Top)
	if err != nil {
		return done, err
	}
	// All that may fail is checked before the first file is written.
	if err := work.Check(writes); err != nil {
		return done, err
	}
	if w.Hook {
		done.Program = t.Hooks.DefaultProgram()
		if done.HookChanged, err = t.Hooks.Install(done.Program, false); err != nil {
			return done, err
		}
	}
	for _, one := range writes {
		done.Files = append(done.Files, one.Path)
	}
	return done, work.WriteAll(ctx, writes)
}
