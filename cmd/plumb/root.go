package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/tree"
	track "github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/resolver"
)

const lockName = "plumb.lock"

// root is one lock root with all that is read of it.
type root struct {
	dir    string // absolute
	tree   tree.Tree
	paths  []string // what the command line limits the command to, relative to dir; nil for all
	config *config.Config
	text   []byte // of plumb.yaml
	lock   []byte // text of plumb.lock; nil if there is none
	nested []string
	stdin  []byte // standard input, if that holds the files; else nil
	files  []manifest.File
}

// request is what a command line asks to be looked at: a lock root, and paths
// in it.
type request struct {
	dir   string
	paths []string // slash-separated, relative to dir; nil for all
}

// requests finds the lock roots of the given paths, or of the session's
// directory where there is none.
func (s *session) requests(ctx context.Context, args []string) ([]request, error) {
	if len(args) == 0 {
		dir, _, err := tree.Enclosing(ctx, s.Dir)
		if err != nil {
			return nil, cli.CannotTell(err)
		}
		return []request{{dir: dir}}, nil
	}
	var out []request
	for _, a := range args {
		dir, rel, err := s.locate(ctx, a)
		if err != nil {
			return nil, err
		}
		out = addRequest(out, dir, rel)
	}
	return out, nil
}

// addRequest asks for one path more.
func addRequest(requests []request, dir, rel string) []request {
	for i := range requests {
		if requests[i].dir == dir {
			requests[i].paths = append(requests[i].paths, rel)
			return requests
		}
	}
	return append(requests, request{dir, []string{rel}})
}

// locate finds the lock root that a path of the command line lies in.
func (s *session) locate(ctx context.Context, arg string) (dir, rel string, err error) {
	abs := arg
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(s.Dir, arg)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", "", cli.UsageError("%s: there is no such file or directory", arg)
	}
	parent, base := abs, ""
	if !info.IsDir() {
		parent, base = filepath.Split(abs)
	}
	if parent, err = filepath.EvalSymlinks(parent); err != nil {
		return "", "", cli.UsageError("%s: %v", arg, err)
	}
	if dir, _, err = tree.Enclosing(ctx, parent); err != nil {
		return "", "", cli.CannotTell(err)
	}
	if rel, err = filepath.Rel(dir, filepath.Join(parent, base)); err != nil {
		return "", "", cli.CannotTell(err)
	}
	return dir, filepath.ToSlash(rel), nil
}

// opener returns the tree of a lock root: the work tree, the index or a commit.
type opener func(ctx context.Context, dir string) (tree.Tree, error)

func openWorkTree(ctx context.Context, dir string) (tree.Tree, error) {
	return tree.OpenWorkTree(ctx, dir)
}

// load reads the lock roots that are asked for and those inside of them, each
// with its own configuration.
func (s *session) load(ctx context.Context, requests []request, open opener, cached bool) ([]*root, error) {
	var out []*root
	for _, q := range requests {
		r, err := s.loadOne(ctx, &out, q, open, cached)
		if err != nil {
			return nil, err
		}
		for _, n := range r.nested {
			paths, ok := within(q.paths, n)
			if !ok {
				continue
			}
			inner := request{filepath.Join(q.dir, filepath.FromSlash(n)), paths}
			if _, err := s.loadOne(ctx, &out, inner, open, cached); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// within says which part of paths lies in the nested root n, if any does.
func within(paths []string, n string) (inner []string, ok bool) {
	for _, p := range paths {
		if p == "." || p == n || strings.HasPrefix(n, p+"/") {
			return nil, true
		}
	}
	return nil, paths == nil
}

// loadOne reads one lock root, unless it is among the loaded ones already, in
// which case these paths are looked at as well.
func (s *session) loadOne(ctx context.Context, loaded *[]*root, q request, open opener, cached bool) (*root, error) {
	for _, r := range *loaded {
		if r.dir == q.dir {
			if r.paths = append(r.paths, q.paths...); q.paths == nil {
				r.paths = nil
			}
			return r, nil
		}
	}
	t, err := open(ctx, q.dir)
	if err != nil {
		return nil, cli.CannotTell(err)
	}
	r := &root{dir: q.dir, tree: t, paths: q.paths}
	if err := r.read(ctx, s); err != nil {
		return nil, err
	}
	var cache *lockroot.Cache
	if cached {
		if dir, err := os.UserCacheDir(); err == nil {
			cache = lockroot.OpenCache(filepath.Join(dir, "plumb"), q.dir, r.config)
		}
	}
	inv, err := lockroot.Take(ctx, t, r.config, cache)
	if err != nil {
		return nil, cli.CannotTell(err)
	}
	r.files, r.nested = inv.Files, inv.Nested
	*loaded = append(*loaded, r)
	return r, nil
}

// read reads the configuration and the lock.
func (r *root) read(ctx context.Context, s *session) error {
	var err error
	r.text, err = r.tree.Read(ctx, tree.ConfigFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.config = config.Default(filepath.Base(r.dir))
	case err != nil:
		return cli.CannotTell(err)
	default:
		if r.config, err = config.Parse(s.Display(r.dir, tree.ConfigFile), r.text); err != nil {
			return cli.AsUsage(err)
		}
	}
	r.lock, err = r.tree.Read(ctx, lockName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cli.CannotTell(err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		r.lock = nil
	}
	return nil
}

// covers reports whether the command line's paths include a file of r.
func (r *root) covers(file string) bool {
	if r.paths == nil {
		return true
	}
	for _, p := range r.paths {
		if p == "." || file == p || strings.HasPrefix(file, p+"/") {
			return true
		}
	}
	return false
}

// named returns the names that plumb.yaml gives, as the resolver takes them.
func (r *root) named() ([]resolver.Image, error) {
	var out []resolver.Image
	for _, i := range r.config.Images {
		n, err := oci.Parse(i.Name)
		if err != nil {
			return nil, err
		}
		named := resolver.Image{Name: n.Repo(), Locked: i.Locked(), Place: resolver.Place{File: tree.ConfigFile, Line: i.Line, Column: i.Column}}
		if i.Locked() {
			named.Name = n.Tracked()
		}
		if i.Track != "" {
			if named.Range, err = track.ParseRange(i.Track); err != nil {
				return nil, err
			}
		}
		if start, end, ok := i.TagSpan(r.text); ok {
			named.TagStart, named.TagEnd = start, end
		}
		out = append(out, named)
	}
	return out, nil
}
