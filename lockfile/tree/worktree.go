package tree

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// WorkTree is the files on disk that git tracks or would track; where there is
// no git repository, or no git, every file but those under .git.
type WorkTree struct {
	root string
	git  git

	mu   sync.Mutex
	held *lockFile // nil while this WorkTree holds no Lock
}

// OpenWorkTree returns the work tree at or below dir, which is commonly the
// directory that Enclosing found.
func OpenWorkTree(ctx context.Context, dir string) (*WorkTree, error) {
	root, err := absoluteDir(dir)
	if err != nil {
		return nil, err
	}
	git, err := openGit(ctx, root)
	if err != nil {
		return nil, err
	}
	return &WorkTree{root: root, git: git}, nil
}

// absoluteDir returns the absolute path of the directory dir.
func absoluteDir(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(root)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", fmt.Errorf("%s is not a directory", dir)
	}
	return root, nil
}

// Root is the absolute path of the directory that the paths are relative to.
func (t *WorkTree) Root() string { return t.root }

// Each reads the files that match accepts, as Tree says. Left out, besides what
// git ignores, are deleted files, symlinks and what is below them,
// submodules and other repositories inside the tree, and whatever is not a
// regular file. What vanishes during the walk counts as deleted.
func (t *WorkTree) Each(ctx context.Context, match func(path string) bool, fn Visit) error {
	return t.EachChanged(ctx, match, nil, fn)
}

// EachChanged is Each that does not read what the caller knows already: where
// unchanged reports true of a file's Stamp, fn is called with nil data. An
// empty file's data is not nil. unchanged is called from many goroutines.
func (t *WorkTree) EachChanged(
	ctx context.Context,
	match func(path string) bool,
	unchanged func(File) bool,
	fn Visit,
) error {
	var unread fileErrors
	list := func(ctx context.Context, send func([]string) error) error {
		return t.list(ctx, match, &unread, send)
	}
	read := func(ctx context.Context, worker int, batches <-chan []string) error {
		r, err := openReader(t.root)
		if err != nil {
			return err
		}
		defer r.close()
		for batch := range batches {
			for _, path := range batch {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err := visit(r, path, unchanged, worker, fn, &unread); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := fanOut(ctx, list, read); err != nil {
		return err
	}
	return unread.unreadable()
}

// visit reads one file and calls fn with it, unless there is no such file.
func visit(
	r *reader, path string, unchanged func(File) bool, worker int, fn Visit, unread *fileErrors,
) error {
	if unchanged != nil {
		if f, err := r.stat(path); err == nil && unchanged(f) {
			return fn(worker, f, nil)
		}
	}
	f, data, err := r.read(path)
	switch {
	case Absent(err):
		return nil
	case err != nil:
		unread.add(path, err)
		return nil
	}
	return fn(worker, f, data)
}

// Read returns the bytes of the file at path, tracked or not. It is an error
// for the path to lead through a symlink or to something else than a file.
func (t *WorkTree) Read(ctx context.Context, path string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	r, err := openReader(t.root)
	if err != nil {
		return nil, err
	}
	defer r.close()
	_, data, err := r.read(path)
	if err != nil {
		return nil, FileError{Path: path, Err: err}
	}
	return data, nil
}
