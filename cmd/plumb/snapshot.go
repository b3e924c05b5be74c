package main

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// snapshot is the git index or a commit, from the top of the repository. Its
// lock roots need not be those on disk.
type snapshot struct {
	top   string // absolute
	whole *tree.Snapshot
}

// openSnapshot opens the index or a commit of the repository that the session
// is in.
func (s *session) openSnapshot(ctx context.Context, open func(ctx context.Context, dir string) (*tree.Snapshot, error)) (*snapshot, error) {
	top, git, err := tree.TopLevel(ctx, s.Dir)
	if err != nil {
		return nil, cli.CannotTell(err)
	}
	if !git {
		return nil, cli.UsageError("%s is in no git repository", s.Dir)
	}
	whole, err := open(ctx, top)
	var rev *tree.RevisionError
	switch {
	case errors.As(err, &rev):
		return nil, cli.AsUsage(err)
	case err != nil:
		return nil, cli.CannotTell(err)
	}
	return &snapshot{top, whole}, nil
}

// open is an opener of the lock roots in the snapshot.
func (n *snapshot) open(_ context.Context, dir string) (tree.Tree, error) {
	rel, err := filepath.Rel(n.top, dir)
	if err != nil {
		return nil, err
	}
	return n.whole.Enclosing(filepath.ToSlash(rel)), nil
}

// requests finds the lock roots of the given paths in the snapshot, or of the
// session's directory where there is none.
func (n *snapshot) requests(ctx context.Context, s *session, args []string) ([]request, error) {
	if len(args) == 0 {
		rel, err := n.relative(s.Dir)
		if err != nil {
			return nil, err
		}
		return []request{{dir: n.whole.Enclosing(rel).Root()}}, nil
	}
	var out []request
	for _, a := range args {
		abs := a
		if !filepath.IsAbs(a) {
			abs = filepath.Join(s.Dir, a)
		}
		rel, err := n.relative(abs)
		if err != nil {
			return nil, err
		}
		if has, err := n.has(ctx, rel); err != nil {
			return nil, cli.CannotTell(err)
		} else if !has {
			return nil, cli.UsageError("%s: there is no such file or directory in what is verified", a)
		}
		root := n.whole.Enclosing(rel).Root()
		below, err := filepath.Rel(root, filepath.Join(n.top, filepath.FromSlash(rel)))
		if err != nil {
			return nil, cli.CannotTell(err)
		}
		out = addRequest(out, root, path.Clean(filepath.ToSlash(below)))
	}
	return out, nil
}

// relative is the path of a file below the top of the repository.
func (n *snapshot) relative(abs string) (string, error) {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil && abs != n.top {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	rel, err := filepath.Rel(n.top, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", cli.UsageError("%s is outside of the repository %s", abs, n.top)
	}
	return filepath.ToSlash(rel), nil
}

// has reports whether the snapshot holds a file or a directory.
func (n *snapshot) has(ctx context.Context, rel string) (bool, error) {
	found := rel == "."
	err := n.whole.Each(ctx, func(name string) bool {
		found = found || name == rel || strings.HasPrefix(name, rel+"/")
		return false
	}, func(int, tree.File, []byte) error { return nil })
	return found, err
}
