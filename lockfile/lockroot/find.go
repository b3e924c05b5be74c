package lockroot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Request says what to read: a lock root, and which of its paths.
type Request struct {
	Dir   string   // absolute
	Paths []string // slash-separated, relative to Dir; nil for all
}

// Find returns the lock roots on disk that contain the paths, or dir if there are none.
// Relative paths are relative to dir. The error for a path that does not exist is an
// *InvalidError.
func Find(ctx context.Context, dir string, paths []string) ([]Request, error) {
	if len(paths) == 0 {
		root, _, err := tree.Enclosing(ctx, dir)
		if err != nil {
			return nil, err
		}
		return []Request{{Dir: root}}, nil
	}
	var out []Request
	for _, p := range paths {
		root, rel, err := locate(ctx, dir, p)
		if err != nil {
			return nil, err
		}
		out = addRequest(out, root, rel)
	}
	return out, nil
}

// FindAnchored is Find for what needs a lock root. The error is an *InvalidError where
// nothing makes a directory one: neither a git repository, nor a plumb.yaml or plumb.lock
// in it or above.
func FindAnchored(ctx context.Context, dir string, paths []string) ([]Request, error) {
	requests, err := Find(ctx, dir, paths)
	if err != nil {
		return nil, err
	}
	for _, q := range requests {
		if ok, err := tree.Anchored(ctx, q.Dir); err != nil {
			return nil, err
		} else if !ok {
			return nil, invalidf("%s: not in a git repository, and no %s or %s in it or above",
				q.Dir, tree.ConfigFile, LockFile)
		}
	}
	return requests, nil
}

// addRequest adds a path to the request of its lock root.
func addRequest(requests []Request, root, rel string) []Request {
	for i := range requests {
		if requests[i].Dir == root {
			requests[i].Paths = append(requests[i].Paths, rel)
			return requests
		}
	}
	return append(requests, Request{root, []string{rel}})
}

// locate finds the lock root that contains a path.
func locate(ctx context.Context, dir, arg string) (root, rel string, err error) {
	abs := arg
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(dir, arg)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", "", invalidf("%s: no such file or directory", arg)
	}
	parent, base := abs, ""
	if !info.IsDir() {
		parent, base = filepath.Split(abs)
	}
	if parent, err = filepath.EvalSymlinks(parent); err != nil {
		return "", "", invalidf("%s: %w", arg, err)
	}
	if root, _, err = tree.Enclosing(ctx, parent); err != nil {
		return "", "", err
	}
	if rel, err = filepath.Rel(root, filepath.Join(parent, base)); err != nil {
		return "", "", err
	}
	return root, filepath.ToSlash(rel), nil
}

func invalidf(format string, args ...any) error {
	return &InvalidError{fmt.Errorf(format, args...)}
}
