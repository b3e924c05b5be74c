package lockroot

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// HasPath reports whether the repository of the lock root has a file or folder at a path
// from its top. What lies in the lock root is looked up in its tree, which may be that of a
// commit, and anything else on disk.
func (r *Root) HasPath(name string) bool {
	if r.paths == nil {
		r.paths = r.listPaths()
	}
	p := r.paths
	if name = path.Clean(name); name == "." {
		return true
	}
	below, inside := name, p.prefix == ""
	if !inside {
		below, inside = strings.CutPrefix(name+"/", p.prefix+"/")
		below = strings.TrimSuffix(below, "/")
	}
	if inside {
		return below == "" || p.known[below]
	}
	if strings.HasPrefix(p.prefix+"/", name+"/") {
		return true
	}
	_, err := os.Stat(filepath.Join(p.top, filepath.FromSlash(name)))
	return err == nil
}

// paths are the files and folders of a lock root.
type paths struct {
	top    string          // the directory that the repository's paths begin at
	prefix string          // the lock root's path from there, "" if it is the top
	known  map[string]bool // relative to the lock root
}

// listPaths lists the tree. Where that fails, the tree has no path.
func (r *Root) listPaths() *paths {
	ctx := context.Background()
	p := &paths{top: r.Dir, known: map[string]bool{}}
	if top, ok, err := tree.TopLevel(ctx, r.Dir); ok && err == nil {
		if rel, err := filepath.Rel(top, r.Dir); err == nil && filepath.IsLocal(rel) && rel != "." {
			p.top, p.prefix = top, filepath.ToSlash(rel)
		}
	}
	note := func(name string) bool {
		for ; name != "." && !p.known[name]; name = path.Dir(name) {
			p.known[name] = true
		}
		return false
	}
	_ = r.Tree.Each(ctx, note, func(int, tree.File, []byte) error { return nil })
	return p
}
