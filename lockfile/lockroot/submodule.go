package lockroot

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// maxSubmodules is how deep submodules within submodules are read.
const maxSubmodules = 8

// module is a submodule: the commit that the tree records of it.
type module struct {
	path     string         // in the lock root
	snapshot *tree.Snapshot // nil if it cannot be read
}

// mount notes the symlinks of a tree at prefix, and reads its submodules at the commits that
// it records, as those do who fetch a repository with its submodules.
func (s *survey) mount(
	ctx context.Context, t extended, specials []tree.Special, prefix string, depth int,
) error {
	for _, special := range specials {
		name := path.Join(prefix, special.Path)
		if special.Commit == "" {
			s.links[name] = special.Target
			continue
		}
		if s.inNested(name) || !s.mayRead(name) {
			continue
		}
		if err := s.mountModule(ctx, name, special.Commit, depth); err != nil {
			return err
		}
	}
	return nil
}

// mayRead reports whether plumb.yaml may have something below a folder read.
func (s *survey) mayRead(folder string) bool {
	if s.cfg.Excluded(folder) {
		return false
	}
	for _, glob := range s.cfg.Include {
		base, _ := doublestar.SplitPattern(glob)
		if base == "." || isBelow(base, folder) || isBelow(folder, base) {
			return true
		}
	}
	return s.cfg.Include == nil
}

func (s *survey) mountModule(ctx context.Context, name, commit string, depth int) error {
	dir := filepath.Join(s.tree.Root(), filepath.FromSlash(name))
	sub, err := tree.OpenSubmodule(ctx, dir, commit)
	if err == nil && depth == maxSubmodules {
		err = errors.New("it lies too deep in other submodules")
	}
	s.modules = append(s.modules, module{name, sub})
	var unknown *tree.RevisionError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, tree.ErrNotCheckedOut):
		s.unknown(name, "a submodule that is not checked out: git submodule update --init "+name)
		return nil
	case errors.As(err, &unknown):
		s.unknown(name, "a submodule whose repository does not have the commit "+commit[:12]+
			": git submodule update "+name)
		return nil
	case err != nil:
		s.unknown(name, "a submodule that cannot be read: "+err.Error())
		return nil
	}
	if err := s.readModule(ctx, name, sub); err != nil {
		return err
	}
	specials, err := sub.Specials(ctx)
	if err != nil {
		return err
	}
	return s.mount(ctx, sub, specials, name, depth+1)
}

// readModule scans the files of a submodule. Whether it is a lock root itself does not
// matter: this one's consumers read it.
func (s *survey) readModule(ctx context.Context, name string, sub *tree.Snapshot) error {
	var mu sync.Mutex
	match := func(file string) bool {
		file = path.Join(name, file)
		return s.wants(file) || s.template(file)
	}
	return sub.Each(ctx, match, func(n int, f tree.File, data []byte) error {
		scanned := s.workers[n].scanner.Scan(path.Join(name, f.Path), data)
		mu.Lock()
		defer mu.Unlock()
		s.mounted = append(s.mounted, scanned)
		return nil
	})
}

// module returns the submodule that a file lies in, and the file's path there.
func (s *survey) module(name string) (in *module, file string) {
	for i := len(s.modules) - 1; i >= 0; i-- { // the innermost comes last
		if m := &s.modules[i]; isBelow(name, m.path) {
			return m, strings.TrimPrefix(strings.TrimPrefix(name, m.path), "/")
		}
	}
	return nil, ""
}

// read reads a file of the tree, of a submodule, or, where the path leads out of the lock
// root, of the repository.
func (s *survey) read(ctx context.Context, name string) ([]byte, error) {
	if strings.HasPrefix(name, "../") {
		return s.readAbove(ctx, name)
	}
	m, file := s.module(name)
	switch {
	case m == nil:
		return s.tree.Read(ctx, name)
	case m.snapshot == nil || file == "":
		return nil, tree.FileError{Path: name, Err: tree.ErrNotCheckedOut}
	}
	return m.snapshot.Read(ctx, file)
}

// isDir reports whether a path is that of a folder, or of something in a submodule that
// cannot be read.
func (s *survey) isDir(name string) bool {
	if m, file := s.module(name); m != nil {
		return m.snapshot == nil || file == "" || m.snapshot.IsDir(file)
	}
	t, ok := s.tree.(extended)
	return name == "." || ok && t.IsDir(name)
}

// settle says of the references in a file that is read from elsewhere that it cannot be
// edited.
func (s *survey) settle(f *manifest.File) {
	if len(f.References) == 0 {
		return
	}
	if real, err := s.links.resolve(f.Path); err == nil && real != f.Path {
		f.Uneditable("it is read through a symlink to " + real)
		return
	}
	if m, _ := s.module(f.Path); m != nil {
		f.Uneditable("it lies in the submodule " + m.path + ": pin it in the repository of that")
		return
	}
	if strings.HasPrefix(f.Path, "../") {
		f.Uneditable("its file lies outside of this lock root")
		return
	}
	if t, ok := s.tree.(*tree.WorkTree); ok && t.LeftOut(f.Path) {
		f.Uneditable(leftOut)
	}
}

const leftOut = "a sparse checkout leaves its file out: git sparse-checkout add brings it back"
