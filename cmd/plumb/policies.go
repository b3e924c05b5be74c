package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

// judge returns what decides on the images of a lock root: by the tree's own
// policies.
func (r *root) judge(ctx context.Context, s *session) (*evidence.Judge, error) {
	docs, err := r.policyFiles(ctx)
	if err != nil {
		return nil, s.unreadPolicies(r, err)
	}
	for i := range docs {
		docs[i].File = s.Display(r.dir, docs[i].File)
	}
	read := func(name string) ([]byte, error) { return r.tree.Read(ctx, r.undisplay(s, name)) }
	set, err := policy.Parse(docs, policy.Options{ReadFile: read})
	if err != nil {
		return nil, cli.AsUsage(err)
	}
	for _, remark := range set.Remarks() {
		s.Hintf("%v\n", remark)
	}
	return r.newJudge(ctx, set), nil
}

// unreadPolicies ends a command because policyFiles failed.
func (s *session) unreadPolicies(r *root, err error) error {
	var missing *missingPolicies
	switch {
	case errors.As(err, &missing):
		return cli.UsageError("%s: %w", s.Display(r.dir, tree.ConfigFile), err)
	case err != nil:
		return cli.CannotTell(err)
	}
	return nil
}

// newJudge judges by a set of policies and the evidence in the tree.
func (r *root) newJudge(ctx context.Context, set *policy.Set) *evidence.Judge {
	return &evidence.Judge{
		Policies:        set,
		AcceptUnmatched: r.config.AcceptsUnmatched(set.Len()),
		Read:            func(path string) ([]byte, error) { return r.tree.Read(ctx, path) },
	}
}

// undisplay is the path in the lock root of a file that is shown as name.
func (r *root) undisplay(s *session, name string) string {
	if r.dir == s.Dir {
		return name
	}
	rel, err := filepath.Rel(r.dir, filepath.Join(s.Dir, filepath.FromSlash(name)))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// policyFiles reads the files that hold policies, sorted by path.
func (r *root) policyFiles(ctx context.Context) ([]policy.Document, error) {
	globs, named := r.config.Policies, true
	if globs == nil {
		globs, named = policy.DefaultFiles(), false
	}
	if _, ok := r.tree.(*tree.WorkTree); ok && !r.mayMatch(globs) {
		globs = nil // which spares a walk
	}
	var (
		mu      sync.Mutex
		docs    []policy.Document
		matched = make([]bool, len(globs))
	)
	match := func(path string) bool {
		found := false
		if policy.IsCopy(path) {
			return false
		}
		for i, glob := range globs {
			if doublestar.MatchUnvalidated(glob, path) {
				matched[i], found = true, true
			}
		}
		return found
	}
	err := r.walk(ctx, globs, match, func(_ int, f tree.File, data []byte) error {
		if !named && !policy.Mentions(data) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		docs = append(docs, policy.Document{File: f.Path, Data: bytes.Clone(data)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, glob := range r.config.Policies {
		if i >= len(matched) || !matched[i] {
			return nil, &missingPolicies{glob}
		}
	}
	slices.SortFunc(docs, func(a, b policy.Document) int { return strings.Compare(a.File, b.File) })
	return docs, nil
}

// isPolicy reports whether a file would be read as policies.
func (r *root) isPolicy(path string) bool {
	globs := r.config.Policies
	if globs == nil {
		globs = policy.DefaultFiles()
	}
	return !policy.IsCopy(path) && slices.ContainsFunc(globs, func(glob string) bool { return doublestar.MatchUnvalidated(glob, path) })
}

// walk calls fn with the files that match, if there are any globs.
func (r *root) walk(ctx context.Context, globs []string, match func(string) bool, fn tree.Visit) error {
	if len(globs) == 0 {
		return nil
	}
	return r.tree.Each(ctx, match, fn)
}

// missingPolicies is the error of a glob that finds nothing: what it should
// have found may have been the one policy that mattered.
type missingPolicies struct{ glob string }

func (e *missingPolicies) Error() string {
	return "policies: " + e.glob + " matches no file"
}

// mayMatch reports whether a folder is there in which some glob may match.
func (r *root) mayMatch(globs []string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		base, _ := doublestar.SplitPattern(glob)
		_, err := os.Stat(filepath.Join(r.dir, filepath.FromSlash(base)))
		return err == nil
	})
}

// judgements judges the images of a lock, on all processors, and returns what
// tells of each.
func (s *session) judgements(j *judging, l *lockfile.Lock) func(lockfile.Entry) verify.Judgement {
	if l == nil || j == nil {
		return nil
	}
	p := s.Progress("verifying")
	defer p.Done()
	var judged atomic.Int64
	verdicts := make([]verify.Judgement, len(l.Entries))
	var group errgroup.Group
	group.SetLimit(tree.Workers())
	for i, e := range l.Entries {
		if e.Kind == lockfile.Image {
			group.Go(func() error {
				verdicts[i] = j.judgement(e)
				p.Step(int(judged.Add(1)), len(l.Entries))
				return nil
			})
		}
	}
	_ = group.Wait() // no function returns an error
	byName := make(map[string]verify.Judgement, len(verdicts))
	for i, e := range l.Entries {
		if e.Kind == lockfile.Image {
			byName[e.Name] = verdicts[i]
		}
	}
	return func(e lockfile.Entry) verify.Judgement { return byName[e.Name] }
}
