package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
)

// Lines returns what reads a line of a file that Placed names, of one of the lock roots.
// Findings are sorted by file, so one file is kept.
func (o *IO) Lines(
	ctx context.Context, roots []*lockroot.Root,
) func(file string, line int) (string, bool) {
	var name string
	var text []string
	return func(file string, line int) (string, bool) {
		if file != name {
			src, _ := o.readPlaced(ctx, roots, file) // without it there are no lines
			name, text = file, strings.Split(string(src), "\n")
		}
		if line < 1 || line > len(text) {
			return "", false
		}
		return text[line-1], true
	}
}

// readPlaced reads a file that Placed names.
func (o *IO) readPlaced(
	ctx context.Context, roots []*lockroot.Root, file string,
) ([]byte, error) {
	abs := filepath.Join(o.Top, filepath.FromSlash(file))
	var inner *lockroot.Root
	for _, r := range roots {
		if r.Stream != nil {
			return r.Stream, nil
		}
		if rel, err := filepath.Rel(r.Dir, abs); err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if inner == nil || len(r.Dir) > len(inner.Dir) {
			inner = r
		}
	}
	if inner == nil {
		return nil, fmt.Errorf("%s is outside of every lock root", file)
	}
	return inner.Tree.Read(ctx, lockroot.Relative(inner.Dir, o.Top, file))
}
