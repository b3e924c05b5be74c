package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/resolver/config"
	"github.com/plumb-dev/plumb/resolver/inventory"
	"github.com/plumb-dev/plumb/resolver/manifest"
	"github.com/plumb-dev/plumb/resolver/tree"
	"github.com/plumb-dev/plumb/verify"
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
	stdin  bool // the files are what standard input holds
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
		dir, _, err := tree.Enclosing(ctx, s.dir)
		if err != nil {
			return nil, &exitError{exitCannotTell, err}
		}
		return []request{{dir: dir}}, nil
	}
	var out []request
	for _, a := range args {
		dir, rel, err := s.locate(ctx, a)
		if err != nil {
			return nil, err
		}
		i := 0
		for i < len(out) && out[i].dir != dir {
			i++
		}
		if i == len(out) {
			out = append(out, request{dir: dir})
		}
		out[i].paths = append(out[i].paths, rel)
	}
	return out, nil
}

// locate finds the lock root that a path of the command line lies in.
func (s *session) locate(ctx context.Context, arg string) (dir, rel string, err error) {
	abs := arg
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(s.dir, arg)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", "", usageError("%s: there is no such file or directory", arg)
	}
	parent, base := abs, ""
	if !info.IsDir() {
		parent, base = filepath.Split(abs)
	}
	if parent, err = filepath.EvalSymlinks(parent); err != nil {
		return "", "", usageError("%s: %v", arg, err)
	}
	if dir, _, err = tree.Enclosing(ctx, parent); err != nil {
		return "", "", &exitError{exitCannotTell, err}
	}
	if rel, err = filepath.Rel(dir, filepath.Join(parent, base)); err != nil {
		return "", "", &exitError{exitCannotTell, err}
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
	seen := map[string]bool{}
	for _, q := range requests {
		r, err := s.loadOne(ctx, q, open, cached)
		if err != nil {
			return nil, err
		}
		queue := []*root{r}
		for _, n := range r.nested {
			if paths, ok := within(q.paths, n); ok {
				inner, err := s.loadOne(ctx, request{filepath.Join(q.dir, filepath.FromSlash(n)), paths}, open, cached)
				if err != nil {
					return nil, err
				}
				queue = append(queue, inner)
			}
		}
		for _, r := range queue {
			if !seen[r.dir] {
				seen[r.dir] = true
				out = append(out, r)
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

func (s *session) loadOne(ctx context.Context, q request, open opener, cached bool) (*root, error) {
	t, err := open(ctx, q.dir)
	if err != nil {
		return nil, &exitError{exitCannotTell, err}
	}
	r := &root{dir: q.dir, tree: t, paths: q.paths}
	if err := r.read(ctx, s); err != nil {
		return nil, err
	}
	var cache *inventory.Cache
	if cached {
		if dir, err := os.UserCacheDir(); err == nil {
			cache = inventory.OpenCache(filepath.Join(dir, "plumb"), q.dir, r.config)
		}
	}
	inv, err := inventory.Take(ctx, t, r.config, cache)
	if err != nil {
		return nil, &exitError{exitCannotTell, err}
	}
	r.files, r.nested = inv.Files, inv.Nested
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
		return &exitError{exitCannotTell, err}
	default:
		if r.config, err = config.Parse(s.display(r.dir, tree.ConfigFile), r.text); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	r.lock, err = r.tree.Read(ctx, lockName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &exitError{exitCannotTell, err}
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

// images returns the images that plumb.yaml names, with their places in it.
func (r *root) images() []verify.Named {
	var out []verify.Named
	for _, name := range r.config.Images {
		before, _, _ := bytes.Cut(r.text, []byte(name))
		line := bytes.Count(before, []byte("\n"))
		column := len(before) - 1 - bytes.LastIndexByte(before, '\n')
		out = append(out, verify.Named{Tracked: canonical(name), Written: name, Line: line + 1, Column: column + 1})
	}
	return out
}

// excepted returns what plumb.yaml's exceptions are to the verifier.
func (r *root) excepted(now time.Time) []verify.Excepted {
	var out []verify.Excepted
	for _, e := range r.config.Exceptions {
		what := strings.Join(nonEmpty(e.Reference, e.Path), " in ")
		out = append(out, verify.Excepted{Covers: e.Covers, Expired: e.Expired(now), Expires: e.Expires.Format(time.DateOnly),
			What: what, Line: e.Line, Column: e.Column})
	}
	return out
}

func nonEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// snapshots opens the lock roots below the top of a repository in one of its
// snapshots, the index or a commit.
func snapshots(open func(ctx context.Context, dir string) (*tree.Snapshot, error)) opener {
	return func(ctx context.Context, dir string) (tree.Tree, error) { return open(ctx, dir) }
}

// enclosingIn finds the lock root that holds the session's directory in a
// snapshot, whose plumb.yaml files need not be those on disk.
func (s *session) enclosingIn(ctx context.Context, open func(ctx context.Context, dir string) (*tree.Snapshot, error), args []string) ([]request, error) {
	top, git, err := tree.TopLevel(ctx, s.dir)
	if err != nil {
		return nil, &exitError{exitCannotTell, err}
	}
	if !git {
		return nil, usageError("%s is in no git repository", s.dir)
	}
	whole, err := open(ctx, top)
	if err != nil {
		return nil, &exitError{snapshotStatus(err), err}
	}
	var out []request
	if len(args) == 0 {
		args = []string{""}
	}
	for _, a := range args {
		abs := filepath.Join(s.dir, a)
		rel, err := filepath.Rel(top, abs)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return nil, usageError("%s: is outside of the repository %s", a, top)
		}
		rel = filepath.ToSlash(rel)
		inner := whole.Enclosing(rel)
		q := request{dir: inner.Root()}
		if a != "" {
			below, err := filepath.Rel(inner.Root(), abs)
			if err != nil {
				return nil, &exitError{exitCannotTell, err}
			}
			q.paths = []string{path.Clean(filepath.ToSlash(below))}
		}
		out = append(out, q)
	}
	return out, nil
}

func snapshotStatus(err error) int {
	var rev *tree.RevisionError
	if errors.As(err, &rev) {
		return exitUsage
	}
	return exitCannotTell
}
