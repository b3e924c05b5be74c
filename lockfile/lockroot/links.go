package lockroot

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// extended is a tree that knows more than its files. The copies of trees that admission
// reads have files only.
type extended interface {
	Specials(ctx context.Context) ([]tree.Special, error)
	IsDir(path string) bool
	Above(ctx context.Context) (whole tree.Tree, dir string, ok bool)
}

// links are the symlinks of a tree, and what they hold.
type links map[string]string

// maxHops is how many symlinks one name may lead through, as in Linux.
const maxHops = 40

var (
	errAbsolute = errors.New("it is an absolute path")
	errHops     = errors.New("too many symlinks lead to one another")
)

// resolve returns where a path leads to. What lies above the tree, "../x", has been followed
// no further.
func (l links) resolve(name string) (string, error) {
	if len(l) == 0 {
		return name, nil
	}
	done, hops := "", 0
	for rest := name; rest != ""; {
		var next string
		next, rest, _ = strings.Cut(rest, "/")
		done = path.Join(done, next)
		if strings.HasPrefix(done, "..") && (done == ".." || done[2] == '/') {
			return path.Join(done, rest), nil
		}
		target, ok := l[done]
		if !ok {
			continue
		}
		if hops++; hops > maxHops {
			return "", errHops
		}
		if path.IsAbs(target) {
			return "", errAbsolute
		}
		done, rest = path.Dir(done), path.Join(target, rest)
	}
	return done, nil
}

// lead finds out what the symlinks and submodules of the tree lead to.
func (s *survey) lead(ctx context.Context, files []*scanned) error {
	t, ok := s.tree.(extended)
	if !ok {
		return nil
	}
	specials, err := t.Specials(ctx)
	if err != nil {
		return err
	}
	if len(specials) == 0 {
		return nil
	}
	if err := s.mount(ctx, t, specials, "", 0); err != nil {
		return err
	}
	s.dropPlain(ctx)
	at := make(map[string]bool, len(files))
	for _, f := range files {
		at[f.Path] = true
	}
	for i := range s.mounted {
		at[s.mounted[i].Path] = true
	}
	var names []string
	for name := range s.links {
		switch {
		case s.inNested(name):
		case candidate(s.cfg, name) && !s.cfg.Matches(name):
			s.leave(name)
		case !s.cfg.Excluded(name):
			names = append(names, name)
		}
	}
	slices.Sort(names)
	folders := links{} // those that lead to folders, and where
	for _, name := range names {
		if err := s.link(ctx, t, name, at, folders); err != nil {
			return err
		}
	}
	return s.linkedFolders(ctx, at, folders)
}

// link finds out what one symlink leads to.
func (s *survey) link(
	ctx context.Context, t extended, name string, at map[string]bool, folders links,
) error {
	wanted := s.wants(name)
	real, err := s.links.resolve(name)
	switch {
	case err != nil, s.outOfRepository(ctx, t, real):
		if wanted || mayBeFolder(name) {
			s.unknown(name, "a symlink that leads out of the repository, to "+s.links[name])
		}
		return nil
	case strings.HasPrefix(real, "../"):
		// What the patterns find there belongs to another lock root.
		if !wanted || s.cfg.Matches(real) {
			return nil
		}
		src, err := s.read(ctx, real)
		if tree.Absent(err) {
			s.unknown(name, notHere("a symlink to "+s.links[name]))
			return nil
		}
		if err != nil {
			return err
		}
		s.mounted = append(s.mounted,
			s.workers[0].scanner.ScanNamed(manifest.NamedBy(name, real), src))
		return nil
	case s.isDir(real):
		folders[name] = real
		s.aliases = append(s.aliases, manifest.Alias{Name: name, Path: real})
		return nil
	case !wanted:
		return nil
	}
	if _, err := s.read(ctx, real); tree.Absent(err) {
		s.unknown(name, notHere("a symlink to "+s.links[name]))
		return nil
	} else if err != nil {
		return err
	}
	s.aliases = append(s.aliases, manifest.Alias{Name: name, Path: real})
	return s.alias(ctx, name, real, at[real])
}

// alias reads a file that a symlink gives a name. known says that it is read by its own.
func (s *survey) alias(ctx context.Context, name, real string, known bool) error {
	switch {
	case known && manifest.SameRole(name, real) && !manifest.ValuesName(name):
		return nil
	case !manifest.HasRole(name):
		s.named = append(s.named, manifest.Alias{Name: name, Path: real})
		return nil
	}
	src, err := s.read(ctx, real)
	if err != nil {
		return err
	}
	s.mounted = append(s.mounted, s.workers[0].scanner.Scan(name, src))
	return nil
}

// linkedFolders reads the files below symlinks to folders that only these give the names
// of manifests.
func (s *survey) linkedFolders(ctx context.Context, at map[string]bool, folders links) error {
	if len(folders) == 0 {
		return nil
	}
	var files []manifest.Alias
	each := func(file string) {
		for name, real := range folders {
			if below, ok := strings.CutPrefix(file, real+"/"); ok && !isBelow(name, real) {
				if as := path.Join(name, below); s.wants(as) {
					files = append(files, manifest.Alias{Name: as, Path: file})
				}
			}
		}
	}
	seen := map[string]bool{}
	err := s.tree.Each(ctx, func(file string) bool { // which lists, and reads nothing
		if !seen[file] && path.Base(file) != tree.ConfigFile {
			each(file)
		}
		seen[file] = true
		return false
	}, nil)
	if err != nil {
		return err
	}
	for _, f := range slices.Clone(s.mounted) {
		each(f.Path)
	}
	for _, a := range files {
		if s.inNested(a.Path) && s.cfg.Matches(a.Path) || s.inNested(a.Name) {
			continue
		}
		if err := s.alias(ctx, a.Name, a.Path, at[a.Path]); err != nil && !tree.Absent(err) {
			return err
		}
	}
	return nil
}

// wants reports whether a file of this name is read.
func (s *survey) wants(name string) bool {
	if path.Base(name) == tree.ConfigFile {
		return false
	}
	if _, ok := s.chartOf(name); ok && s.template(name) {
		return true
	}
	return s.cfg.Matches(name)
}

// mayBeFolder reports whether a symlink has a name as folders have that people apply.
func mayBeFolder(name string) bool {
	return path.Ext(name) == "" && !strings.HasPrefix(name, ".") && !strings.Contains(name, "/.")
}

// outOfRepository reports whether a path, as resolve returns it, leads out of the
// repository.
func (s *survey) outOfRepository(ctx context.Context, t extended, real string) bool {
	if strings.Contains("/"+real+"/", "/.git/") {
		return true // what git keeps for itself is in no commit
	}
	if real != ".." && !strings.HasPrefix(real, "../") {
		return false
	}
	_, dir, ok := t.Above(ctx)
	if !ok {
		return true
	}
	up := path.Join(dir, real)
	return up == ".." || strings.HasPrefix(up, "../")
}

// readAbove reads a file of the repository that lies outside of the lock root.
func (s *survey) readAbove(ctx context.Context, name string) ([]byte, error) {
	if t, ok := s.tree.(extended); ok {
		if above, dir, ok := t.Above(ctx); ok {
			return above.Read(ctx, path.Join(dir, name))
		}
	}
	return nil, tree.FileError{Path: name, Err: fs.ErrNotExist}
}
