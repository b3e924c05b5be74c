package tree

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Hooks says where git looks for the hooks of a work tree.
type Hooks struct {
	// Dir is the absolute path of their folder, which need not be there.
	Dir string
	// Top is the top of the work tree, absolute and without symlinks.
	Top string
	// InTree says that the folder is of the work tree, so that hooks in it can be
	// committed.
	InTree bool
	// Foreign says that the folder, symlinks resolved, lies neither in the work
	// tree nor in the repository, and that this repository's own configuration
	// does not name it: hooks in it may be those of other repositories.
	Foreign bool
	// Outside says that the folder lies elsewhere, as the repository's own
	// configuration wants it.
	Outside bool
	// Setting is the core.hooksPath that names the folder, with its origin; "" if
	// there is none.
	Setting string
}

// ErrNoWorkTree says that a directory is not in a git work tree: in no repository,
// or in one that is bare.
var ErrNoWorkTree = errors.New("not in a git work tree")

// ErrNoHooks says that core.hooksPath is set to nothing, so that git runs no hook.
var ErrNoHooks = errors.New("core.hooksPath is empty, so that git runs no hooks: " +
	"git config --unset core.hooksPath")

// FindHooks finds, with git, the hooks of the work tree that holds the directory
// dir. The error is ErrNoWorkTree where there is none, and ErrNoHooks where the
// repository is set to have no hooks.
func FindHooks(ctx context.Context, dir string) (Hooks, error) {
	git, err := openGit(ctx, dir)
	if err != nil {
		return Hooks{}, err
	}
	top, err := git.line(ctx, "rev-parse", "--show-toplevel")
	var failed *GitError
	switch {
	case errors.As(err, &failed) && git.outside(ctx):
		return Hooks{}, fmt.Errorf("%s: %w", dir, ErrNoWorkTree)
	case err != nil:
		return Hooks{}, err
	}
	h := Hooks{Top: resolved(filepath.FromSlash(top))}
	var own bool
	if h.Setting, own, err = git.hooksPath(ctx); err != nil {
		return Hooks{}, err
	}
	// Git runs hooks at the top of the work tree, to which relative paths are
	// relative.
	git.dir = h.Top
	path, err := git.line(ctx, "rev-parse", "--git-path", "hooks")
	if err != nil {
		return Hooks{}, err
	}
	common, err := git.line(ctx, "rev-parse", "--git-common-dir")
	if err != nil {
		return Hooks{}, err
	}
	h.Dir = absoluteIn(h.Top, path)
	common = absoluteIn(h.Top, common)
	real := resolvedAhead(h.Dir)
	inRepository := within(common, real)
	h.InTree = !inRepository && within(h.Top, real)
	elsewhere := !inRepository && !h.InTree
	// A symlink may come from a commit, a setting does not.
	h.Outside = elsewhere && own && !isBelow(h.Top, h.Dir) && !isBelow(common, h.Dir)
	h.Foreign = elsewhere && !h.Outside
	return h, nil
}

// outside reports whether the directory is in no work tree, so far as git can
// tell.
func (g git) outside(ctx context.Context) bool {
	inside, err := g.line(ctx, "rev-parse", "--is-inside-work-tree")
	return noGit(err) || err == nil && inside != "true"
}

// hooksPath is core.hooksPath as it is written, and where; "" if it is not set. own
// says that the repository's own configuration has it.
func (g git) hooksPath(ctx context.Context) (setting string, own bool, err error) {
	value, err := g.line(ctx, "config", "--get", "core.hooksPath")
	var failed *GitError
	switch {
	case errors.As(err, &failed) && failed.Said == "":
		return "", false, nil
	case err != nil:
		return "", false, err
	case value == "":
		return "", false, ErrNoHooks
	}
	said, err := g.output(ctx, "config", "--null", "--show-scope", "--show-origin", "--get",
		"core.hooksPath")
	if err != nil {
		return "", false, err
	}
	fields := append(strings.SplitN(string(said), "\x00", 3), "", "")
	own = fields[0] == "local" || fields[0] == "worktree"
	return fmt.Sprintf("core.hooksPath is %s (%s)", value, fields[1]), own, nil
}

// isBelow reports whether path is written as one below dir, wherever symlinks lead.
func isBelow(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func absoluteIn(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// resolvedAhead is path without symlinks, as far as it is there.
func resolvedAhead(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolvedAhead(parent), filepath.Base(path))
}
