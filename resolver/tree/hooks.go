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
	// tree nor in the repository: hooks in it may be those of other repositories.
	Foreign bool
	// Setting is the core.hooksPath that names the folder, with its origin; "" if
	// there is none.
	Setting string
}

// ErrNoWorkTree says that a directory is in no git work tree: in no repository,
// or in one that is bare.
var ErrNoWorkTree = errors.New("is in no git work tree")

// ErrNoHooks says that core.hooksPath is set to nothing, so that git runs no hook.
var ErrNoHooks = errors.New("core.hooksPath is empty, so that git runs no hooks: git config --unset core.hooksPath")

// FindHooks asks git for the hooks of the work tree that holds the directory
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
	if h.Setting, err = git.hooksPath(ctx); err != nil {
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
	h.Foreign = !inRepository && !h.InTree
	return h, nil
}

// outside reports whether the directory is in no work tree, so far as git can
// tell.
func (g git) outside(ctx context.Context) bool {
	inside, err := g.line(ctx, "rev-parse", "--is-inside-work-tree")
	return noGit(err) || err == nil && inside != "true"
}

// hooksPath is core.hooksPath as it is written, and where; "" if it is not set.
func (g git) hooksPath(ctx context.Context) (string, error) {
	value, err := g.line(ctx, "config", "--get", "core.hooksPath")
	var failed *GitError
	switch {
	case errors.As(err, &failed) && failed.Said == "":
		return "", nil
	case err != nil:
		return "", err
	case value == "":
		return "", ErrNoHooks
	}
	origin, err := g.output(ctx, "config", "--null", "--show-origin", "--get", "core.hooksPath")
	if err != nil {
		return "", err
	}
	from, _, _ := strings.Cut(string(origin), "\x00")
	return fmt.Sprintf("core.hooksPath is %s (%s)", value, from), nil
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
