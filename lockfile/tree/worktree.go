package tree

import (
	"context"
	"errors"
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

	listed sync.Mutex
	odd    *oddities // of the last list; nil before the first
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
// regular file; Specials has some of them. What vanishes during the walk counts as
// deleted. A file that a sparse checkout leaves out is read from the git index, and has an
// Object.
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
	odd := &oddities{}
	list := func(ctx context.Context, send func([]listed) error) error {
		return t.list(ctx, match, odd, &unread, send)
	}
	read := func(ctx context.Context, worker int, batches <-chan []listed) error {
		r, err := openReader(t.root)
		if err != nil {
			return err
		}
		b := blobs{git: t.git}
		defer func() {
			r.close()
			b.close()
		}()
		v := visitor{r, &b, unchanged, worker, fn, odd, &unread}
		for batch := range batches {
			for _, l := range batch {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err := v.visit(ctx, l); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := fanOut(ctx, list, read); err != nil {
		return err
	}
	t.listed.Lock()
	t.odd = odd
	t.listed.Unlock()
	return unread.unreadable()
}

// visitor is what one worker of a walk visits files with.
type visitor struct {
	reader    *reader
	blobs     *blobs
	unchanged func(File) bool
	worker    int
	fn        Visit
	odd       *oddities
	unread    *fileErrors
}

// visit reads one file and calls fn with it, unless there is no such file.
func (v *visitor) visit(ctx context.Context, l listed) error {
	if v.unchanged != nil {
		if f, err := v.reader.stat(l.path); err == nil && v.unchanged(f) {
			return v.fn(v.worker, f, nil)
		}
	}
	f, data, err := v.reader.read(l.path)
	switch {
	case Absent(err) && l.sparse != "":
		o := object{path: l.path, id: l.sparse, mode: 0o644}
		return v.blobs.each(ctx, []object{o}, nil, v.worker, v.fn, v.unread)
	case errors.Is(err, ErrSymlink):
		v.odd.link(l.path) // or below one, where there is none of this name
		return nil
	case Absent(err):
		return nil
	case err != nil:
		v.unread.add(l.path, err)
		return nil
	}
	return v.fn(v.worker, f, data)
}

// Read returns the bytes of the file at path, tracked or not. It is an error
// for the path to lead through a symlink or to something else than a file. What the last
// walk found to be left out by a sparse checkout is read from the git index.
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
	if id := t.sparse(path); Absent(err) && id != "" {
		return t.git.blob(ctx, object{path: path, id: id, mode: 0o644})
	}
	if err != nil {
		return nil, FileError{Path: path, Err: err}
	}
	return data, nil
}
