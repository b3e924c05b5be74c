package lockroot

import (
	"path/filepath"
	"strings"
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

// holds reports whether there is something to verify at a path: a manifest, a file that
// should be one, or, in the whole tree, an image that plumb.yaml names.
func (r *Root) holds(path string) bool {
	for i := range r.Files {
		f := &r.Files[i]
		if isBelow(f.Path, path) && (f.IsManifest() || f.Unreadable != nil) {
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
