package lockroot

import (
	"context"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// naming has the files of a survey while those that others name are read.
type naming struct {
	*survey
	files []manifest.File
	found []*scanned      // the results of the first scan, of files
	more  []manifest.File // what the first scan did not find
	at    map[string]int  // where files, and after them more, have a path
	lost  map[string]bool // what could not be read
}

// byName scans the files again that other files name, each as they do. found are the
// results of the first scan, of files. The files that only their names in other files, a
// symlink or a submodule tell of are returned, in no order.
func (s *survey) byName(
	ctx context.Context, files []manifest.File, found []*scanned,
) ([]manifest.File, error) {
	n := naming{survey: s, files: files, found: found, more: s.mounted,
		at: make(map[string]int, len(files)), lost: map[string]bool{}}
	for i := range files {
		n.at[files[i].Path] = i
	}
	for i := range n.more {
		n.at[n.more[i].Path] = len(files) + i
	}
	links := manifest.Links{Aliases: s.named}
	if len(s.links) > 0 {
		links.Resolve = func(name string) string {
			if real, err := s.links.resolve(name); err == nil {
				return real
			}
			return name
		}
	}
	for again := true; again; { // a file that is read as it is named may name others
		again = false
		wanted := map[string]bool{}
		for _, one := range manifest.NamedFiles(links, files, n.more) {
			wanted[one.Path] = true
			read, err := n.name(ctx, one)
			if err != nil {
				return nil, err
			}
			again = again || read
		}
		unnamed, err := n.forget(ctx, wanted)
		if err != nil {
			return nil, err
		}
		again = again || unnamed
	}
	return n.more, nil
}

// name reads one file as others name it, and reports whether it was read anew.
func (n *naming) name(ctx context.Context, one manifest.Named) (bool, error) {
	i, known := n.at[one.Path]
	switch {
	case known && n.file(i).Reads(one):
		if i < len(n.found) {
			n.found[i].assumed = false
		}
		return false, nil
	case !known && n.lost[one.Path], !known && !n.reads(ctx, one):
		return false, nil
	}
	f, err := n.scan(ctx, one)
	switch {
	case tree.Absent(err):
		n.lost[one.Path] = true
		if one.Needed && !n.isDir(one.Path) {
			n.unknownNamed(one, "is not in the tree")
		}
		return false, nil
	case err != nil:
		return false, err
	case !known:
		n.at[one.Path] = len(n.files) + len(n.more)
		n.more = append(n.more, f)
	default:
		*n.file(i) = f
		if i < len(n.found) {
			n.found[i].assumed = false
		}
	}
	return true, nil
}

func (n *naming) file(i int) *manifest.File {
	if i < len(n.files) {
		return &n.files[i]
	}
	return &n.more[i-len(n.files)]
}

// scan reads a file as others name it.
func (n *naming) scan(ctx context.Context, one manifest.Named) (manifest.File, error) {
	src, err := n.read(ctx, one.Path)
	if err != nil {
		return manifest.File{}, err
	}
	return n.workers[0].scanner.ScanNamed(one, src), nil
}

// reads reports whether a file that others name, and that the patterns do not, is read: not
// where plumb.yaml leaves it out, or the patterns of another lock root name it.
func (n *naming) reads(ctx context.Context, one manifest.Named) bool {
	name := one.Path
	switch {
	case name == ".":
		return false
	case one.Linked:
		return true
	case n.cfg.Excluded(name):
		n.leave(name)
		return false
	case name == "..", strings.HasPrefix(name, "../"):
		return n.readsAbove(ctx, one)
	}
	return path.Base(name) != tree.ConfigFile && !(n.inNested(name) && n.cfg.Matches(name))
}

// readsAbove is reads for what lies outside of the lock root.
func (n *naming) readsAbove(ctx context.Context, one manifest.Named) bool {
	t, ok := n.tree.(extended)
	if !ok {
		return false
	}
	above, dir, ok := t.Above(ctx)
	if !ok {
		return false
	}
	if n.outOfRepository(ctx, t, one.Path) {
		if n.lost[one.Path] = true; one.Needed {
			n.unknownNamed(one, "leads out of the repository")
		}
		return false
	}
	whole, ok := above.(extended)
	return ok && one.Needed && !n.cfg.Matches(one.Path) && !whole.IsDir(path.Join(dir, one.Path))
}

// forget scans the files anew that were read as others named them, and that none names any
// more. It reports whether there are any.
func (n *naming) forget(ctx context.Context, wanted map[string]bool) (again bool, err error) {
	for i := range n.files {
		if !n.found[i].assumed || wanted[n.files[i].Path] {
			continue
		}
		src, err := n.tree.Read(ctx, n.files[i].Path)
		if err != nil {
			return false, err
		}
		n.files[i] = n.workers[0].scanner.Scan(n.files[i].Path, src)
		n.found[i].assumed, again = false, true
	}
	return again, nil
}
