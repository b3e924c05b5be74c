package lockroot

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Snapshot is the git index or a commit, from the top of the repository. Its lock
// roots need not be those on disk.
type Snapshot struct {
	top   string // absolute
	whole *tree.Snapshot
}

// OpenSnapshot opens, with open, the index or a commit of the repository that contains
// dir. The error is an *InvalidError if there is no repository or no such commit.
func OpenSnapshot(
	ctx context.Context, dir string,
	open func(ctx context.Context, dir string) (*tree.Snapshot, error),
) (*Snapshot, error) {
	top, git, err := tree.TopLevel(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !git {
		return nil, invalidf("%s is not in a git repository", dir)
	}
	whole, err := open(ctx, top)
	var rev *tree.RevisionError
	if errors.As(err, &rev) {
		return nil, &InvalidError{err}
	}
	if err != nil {
		return nil, err
	}
	return &Snapshot{top, whole}, nil
}

// OpenCommit opens a commit, as OpenSnapshot does.
func OpenCommit(ctx context.Context, dir, rev string) (*Snapshot, error) {
	return OpenSnapshot(ctx, dir, func(ctx context.Context, dir string) (*tree.Snapshot, error) {
		return tree.OpenCommit(ctx, dir, rev)
	})
}

// Open is the Opener of the lock roots in the snapshot.
func (s *Snapshot) Open(_ context.Context, dir string) (tree.Tree, error) {
	rel, err := filepath.Rel(s.top, dir)
	if err != nil {
		return nil, err
	}
	return s.whole.Enclosing(filepath.ToSlash(rel)), nil
}

// Find returns the lock roots in the snapshot that contain the paths, or dir if there
// are none, as the function Find does on disk.
func (s *Snapshot) Find(ctx context.Context, dir string, paths []string) ([]Request, error) {
	if len(paths) == 0 {
		rel, err := s.relative(dir)
		if err != nil {
			return nil, err
		}
		return []Request{{Dir: s.whole.Enclosing(rel).Root()}}, nil
	}
	var out []Request
	for _, p := range paths {
		abs := p
		if !filepath.IsAbs(p) {
			abs = filepath.Join(dir, p)
		}
		rel, err := s.relative(abs)
		if err != nil {
			return nil, err
		}
		if has, err := s.has(ctx, rel); err != nil {
			return nil, err
		} else if !has {
			return nil, invalidf("%s: no such file or directory in what is verified", p)
		}
		root := s.whole.Enclosing(rel).Root()
		below, err := filepath.Rel(root, filepath.Join(s.top, filepath.FromSlash(rel)))
		if err != nil {
			return nil, err
		}
		out = addRequest(out, root, path.Clean(filepath.ToSlash(below)))
	}
	return out, nil
}

// Lock reads the lock of the lock root at dir from the snapshot; nil if it has none. The
// error is an *InvalidError if the lock cannot be read, and names it relative to base.
func (s *Snapshot) Lock(ctx context.Context, dir, base string) (*lockfile.Lock, error) {
	rel, err := s.relative(dir)
	if err != nil {
		return nil, err
	}
	if has, err := s.has(ctx, path.Join(rel, LockFile)); err != nil || !has {
		return nil, err
	}
	text, err := s.whole.Enclosing(rel).Read(ctx, LockFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	l, err := parseLock(text)
	if err != nil {
		return nil, &InvalidError{named(err, Relative(base, dir, LockFile))}
	}
	return l, nil
}

// relative is the path of a file below the top of the repository.
func (s *Snapshot) relative(abs string) (string, error) {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil && abs != s.top {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	rel, err := filepath.Rel(s.top, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", invalidf("%s is outside of the repository %s", abs, s.top)
	}
	return filepath.ToSlash(rel), nil
}

// has reports whether the snapshot holds a file or a directory.
func (s *Snapshot) has(ctx context.Context, rel string) (bool, error) {
	found := rel == "."
	err := s.whole.Each(ctx, func(name string) bool {
		found = found || name == rel || strings.HasPrefix(name, rel+"/")
		return false
	}, func(int, tree.File, []byte) error { return nil })
	return found, err
}
