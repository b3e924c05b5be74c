package lockroot

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// findEmpty notes what q requests of its lock root that holds no manifest, neither
// there nor in a lock root inside of it.
func findEmpty(loaded []*Root, q Request) {
	var r *Root
	for _, one := range loaded {
		if one.Dir == q.Dir {
			r = one
		}
	}
	paths := q.Paths
	if paths == nil {
		paths = []string{"."}
	}
	for _, p := range paths {
		if !r.holds(p) && !innerHolds(loaded, r, p) {
			r.Empty = append(r.Empty, p)
		}
	}
}

// findIdle notes which of the lock roots inside of q's hold nothing to verify: those whose
// include and exclude leave every file out are empty, as if they had been requested; those
// without a file, such as of an environment that is to come, are idle. What lies in an
// empty path is not told of again.
func findIdle(ctx context.Context, loaded []*Root, q Request) error {
	outer := loaded[slices.IndexFunc(loaded, func(r *Root) bool { return r.Dir == q.Dir })]
	for _, r := range loaded {
		rel, err := filepath.Rel(outer.Dir, r.Dir)
		rel = filepath.ToSlash(rel)
		below := func(empty string) bool { return isBelow(rel, empty) }
		if err != nil || r == outer || !slices.Contains(outer.Nested, rel) || r.Idle ||
			len(r.Empty) > 0 || r.Paths != nil || slices.ContainsFunc(outer.Empty, below) ||
			r.holds(".") || innerHolds(loaded, r, ".") {
			continue
		}
		leftOut, err := r.leavesOut(ctx)
		if err != nil {
			return err
		}
		if r.Idle = !leftOut; leftOut {
			r.Empty = []string{"."}
		}
	}
	return nil
}

// leavesOut reports whether include and exclude of plumb.yaml leave out a file that would
// be read without them.
func (r *Root) leavesOut(ctx context.Context) (bool, error) {
	found := false
	err := r.Tree.Each(ctx, func(name string) bool {
		inNested := slices.ContainsFunc(r.Nested, func(n string) bool { return isBelow(name, n) })
		switch path.Ext(name) {
		case ".yaml", ".yml", ".json":
			found = found || name != tree.ConfigFile && !inNested && !r.Config.Matches(name)
		}
		return false // the names are enough
	}, func(int, tree.File, []byte) error { return nil })
	return found, err
}

// holds reports whether there is something to verify at a path: a manifest, a file that
// should be one, or, in the whole tree, an image that plumb.yaml names.
func (r *Root) holds(path string) bool {
	for i := range r.Files {
		f := &r.Files[i]
		if r.isBelow(f.Path, path) && (f.IsManifest() || f.Unreadable != nil) {
			return true
		}
	}
	if path != "." {
		return false
	}
	for _, image := range r.Config.Images {
		if image.Locked() {
			return true
		}
	}
	return false
}

// innerHolds reports whether a lock root inside of r, at a path of it, holds something.
func innerHolds(loaded []*Root, r *Root, path string) bool {
	for _, inner := range loaded {
		rel, err := filepath.Rel(r.Dir, inner.Dir)
		if err != nil || inner == r || !filepath.IsLocal(rel) {
			continue
		}
		if isBelow(filepath.ToSlash(rel), path) && inner.holds(".") {
			return true
		}
	}
	return false
}

// isBelow reports whether file is path or lies below it.
func isBelow(file, path string) bool {
	return path == "." || file == path || strings.HasPrefix(file, path+"/")
}
