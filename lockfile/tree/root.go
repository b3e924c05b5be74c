package tree

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ConfigFile is the name of the file that makes its directory a lock root.
const ConfigFile = "plumb.yaml"

// LockFile is the name of a lock root's lock.
const LockFile = "plumb.lock"

// Enclosing returns the lock root that holds the directory dir on disk, and
// whether a git repository holds it: the nearest directory, from dir upwards,
// with a plumb.yaml; else the top of the git work tree; else, outside of git, the
// nearest with a plumb.lock; else dir. Nothing above the top of the work tree is
// looked at. The path is absolute and without symlinks.
func Enclosing(ctx context.Context, dir string) (root string, git bool, err error) {
	top, git, err := TopLevel(ctx, dir)
	if err != nil {
		return "", false, err
	}
	start, err := realDir(dir)
	if err != nil {
		return "", false, err
	}
	locked := ""
	for at := start; ; at = filepath.Dir(at) {
		if isFile(filepath.Join(at, ConfigFile)) {
			return at, git, nil
		}
		if locked == "" && isFile(filepath.Join(at, LockFile)) {
			locked = at
		}
		if git && at == top || at == filepath.Dir(at) {
			break
		}
	}
	switch {
	case git:
		return top, true, nil
	case locked != "":
		return locked, false, nil
	}
	return start, false, nil
}

// Anchored reports whether anything makes the directory root, as Enclosing returns it, a
// lock root: a plumb.yaml or plumb.lock in it, or the git repository that holds it.
func Anchored(ctx context.Context, root string) (bool, error) {
	for _, name := range []string{ConfigFile, LockFile} {
		if isFile(filepath.Join(root, name)) {
			return true, nil
		}
	}
	_, git, err := TopLevel(ctx, root)
	return git, err
}

// TopLevel returns the top of the git work tree that holds the directory dir,
// absolute and without symlinks, and whether there is one. Where there is none,
// as in a bare repository, it is dir.
func TopLevel(ctx context.Context, dir string) (top string, ok bool, err error) {
	start, err := realDir(dir)
	if err != nil {
		return "", false, err
	}
	if os.Getenv("GIT_DIR") != "" {
		git, err := openGit(ctx, start)
		if err != nil {
			return "", false, err
		}
		top, err := git.line(ctx, "rev-parse", "--show-toplevel")
		if err != nil {
			return start, false, nil // no work tree
		}
		return resolved(filepath.FromSlash(top)), true, nil
	}
	for at := start; ; at = filepath.Dir(at) {
		if isRepository(filepath.Join(at, ".git")) {
			return at, true, nil
		}
		if at == filepath.Dir(at) {
			return start, false, nil
		}
	}
}

// realDir returns the absolute path of the directory dir without symlinks, which
// is where git looks for what is above it.
func realDir(dir string) (string, error) {
	abs, err := absoluteDir(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// isRepository reports whether name, a .git, leads to a git repository: it is
// one, or a file that says where it is.
func isRepository(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	return info.Mode().IsRegular() || info.IsDir() && isFile(filepath.Join(name, "HEAD"))
}

// isFile reports whether something other than a directory is at name.
func isFile(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && !info.IsDir()
}

// NestedRoots returns the directories, sorted, that paths show to be lock roots
// inside the tree: those, other than the tree's own, that hold a plumb.yaml.
func NestedRoots(paths []string) []string {
	var roots []string
	for _, p := range paths {
		if dir := path.Dir(p); dir != "." && path.Base(p) == ConfigFile {
			roots = append(roots, dir)
		}
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// InNested reports whether path is in one of roots, as NestedRoots returns
// them, and so belongs to another lock root.
func InNested(roots []string, path string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return strings.HasPrefix(path, root) && len(path) > len(root) && path[len(root)] == '/'
	})
}
