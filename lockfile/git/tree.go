package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// The modes of a tree's entries.
const (
	modeFolder    = "40000"
	modeFile      = "100644"
	modeGroup     = "100664" // of old versions of git
	modeProgram   = "100755"
	modeSymlink   = "120000"
	modeSubmodule = "160000"
)

// entry is a line of a tree.
type entry struct {
	mode, name string
	hash       Hash
}

// parseTree reads a tree object, and rejects names that no checkout has.
func parseTree(raw []byte) ([]entry, error) {
	var out []entry
	seen := map[string]bool{}
	for len(raw) > 0 {
		mode, rest, ok := bytes.Cut(raw, []byte(" "))
		name, rest, named := bytes.Cut(rest, []byte{0})
		if !ok || !named || len(rest) < len(Hash{}) {
			return nil, errors.New("truncated tree")
		}
		e := entry{mode: string(mode), name: string(name), hash: Hash(rest[:len(Hash{})])}
		if e.name == "" || e.name == "." || e.name == ".." || strings.Contains(e.name, "/") ||
			strings.EqualFold(e.name, ".git") {
			return nil, fmt.Errorf("invalid name %q in a tree", e.name)
		}
		if seen[e.name] {
			return nil, fmt.Errorf("duplicate name %q in a tree", e.name)
		}
		seen[e.name] = true
		out = append(out, e)
		raw = rest[len(Hash{}):]
	}
	return out, nil
}

// Objects is a store of objects.
type Objects interface {
	// Object returns the content of an object of a type, of at most max bytes.
	Object(h Hash, t plumbing.ObjectType, max int64) ([]byte, error)
}

// Walk reads files of a tree.
type Walk struct {
	// Objects has the tree.
	Objects Objects
	// Wanted reports whether to read a file, by its path.
	Wanted func(name string) bool
	// Take is called with each file.
	Take func(name string, data []byte) error

	entries int
}

// Below reads the files below a folder ("." is the top) of a tree. It skips symlinks and
// submodules.
func (w *Walk) Below(ctx context.Context, tree Hash, root string) error {
	if root = path.Clean(root); root == "." {
		return w.folder(ctx, tree, "", 0)
	}
	at := ""
	for _, name := range strings.Split(root, "/") {
		entries, err := w.list(tree)
		if err != nil {
			return err
		}
		at = path.Join(at, name)
		i := slices.IndexFunc(entries, func(e entry) bool { return e.name == name })
		switch {
		case i < 0:
			return fmt.Errorf("folder %s not found", at)
		case entries[i].mode == modeSubmodule:
			return fmt.Errorf("%s is a submodule, which is another repository", at)
		case entries[i].mode != modeFolder:
			return fmt.Errorf("%s is not a folder", at)
		}
		tree = entries[i].hash
	}
	return w.folder(ctx, tree, root, 0)
}

func (w *Walk) list(tree Hash) ([]entry, error) {
	raw, err := w.Objects.Object(tree, plumbing.TreeObject, maxObject)
	if err != nil {
		return nil, err
	}
	return parseTree(raw)
}

func (w *Walk) folder(ctx context.Context, tree Hash, at string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d nested folders", at, maxDepth)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := w.list(tree)
	if err != nil {
		return fmt.Errorf("%s: %w", path.Join(at, "."), err)
	}
	if w.entries += len(entries); w.entries > maxEntries {
		return fmt.Errorf("the tree has more than %d files", maxEntries)
	}
	for _, e := range entries {
		name := path.Join(at, e.name)
		switch e.mode {
		case modeFolder, "040000":
			err = w.folder(ctx, e.hash, name, depth+1)
		case modeFile, modeGroup, modeProgram:
			err = w.file(e.hash, name)
		case modeSymlink, modeSubmodule:
		default:
			err = fmt.Errorf("%s: unknown file mode %s", name, e.mode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) file(h Hash, name string) error {
	if !w.Wanted(name) {
		return nil
	}
	data, err := w.Objects.Object(h, plumbing.BlobObject, maxObject)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return w.Take(name, data)
}
