package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
)

// since lists what has changed in the locks of roots since a commit.
func (s *session) since(ctx context.Context, base string, roots []*root) ([]changed, error) {
	n, err := s.openSnapshot(ctx, func(ctx context.Context, dir string) (*tree.Snapshot, error) { return tree.OpenCommit(ctx, dir, base) })
	if err != nil {
		return nil, err
	}
	out := []changed{}
	for _, r := range roots {
		old, err := n.lock(ctx, s, r.dir)
		if err != nil {
			return nil, err
		}
		// A lock that cannot be read is a finding, and has no changes to tell of.
		now, err := lockfile.Parse(lockName, r.lock)
		if r.lock != nil && err != nil {
			continue
		}
		places := s.places(r)
		for _, c := range changesOf(old, now) {
			c.Places = append([]spot{}, places[c.Kind+" "+c.Name]...)
			out = append(out, c)
		}
	}
	return out, nil
}

// lock reads the lock of a lock root as the snapshot has it; nil if it has none.
func (n *snapshot) lock(ctx context.Context, s *session, dir string) (*lockfile.Lock, error) {
	rel, err := n.relative(dir)
	if err != nil {
		return nil, err
	}
	name := cli.Relative(n.top, dir, lockName)
	if has, err := n.has(ctx, name); err != nil || !has {
		return nil, cli.CannotTell(err)
	}
	text, err := n.whole.Enclosing(rel).Read(ctx, lockName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, cli.CannotTell(err)
	}
	l, err := lockfile.Parse(s.Display(dir, lockName), text)
	if err != nil {
		return nil, cli.UsageError("--base: %w", err)
	}
	return l, nil
}

// changesOf compares two locks. A name that is new where exactly one of its
// repository has gone took that one's place.
func changesOf(from, to *lockfile.Lock) []changed {
	diff := lockfile.Diff(from, to)
	gone, come := map[string][]*lockfile.Entry{}, map[string]int{}
	for _, c := range diff {
		switch {
		case c.New == nil:
			gone[family(c.Old)] = append(gone[family(c.Old)], c.Old)
		case c.Old == nil:
			come[family(c.New)]++
		}
	}
	var out []changed
	for _, c := range diff {
		switch {
		case c.New == nil && len(gone[family(c.Old)]) == 1 && come[family(c.Old)] == 1: // told of with its successor
		case c.New == nil:
			out = append(out, changed{Kind: string(c.Old.Kind), Name: c.Old.Name, Old: c.Old.Pin(), Reason: string(resolver.Dropped)})
		case c.Old == nil:
			e := changed{Kind: string(c.New.Kind), Name: c.New.Name, New: c.New.Pin(), Reason: string(resolver.Added)}
			if was := gone[family(c.New)]; len(was) == 1 && come[family(c.New)] == 1 {
				e.From, e.Old, e.Reason = was[0].Name, was[0].Pin(), string(resolver.TagEdited)
				if e.Old == e.New {
					e.Reason = string(resolver.StaleTag)
				}
			}
			out = append(out, e)
		default:
			out = append(out, changed{Kind: string(c.New.Kind), Name: c.New.Name, Old: c.Old.Pin(), New: c.New.Pin(), Reason: string(changeOf(c))})
		}
	}
	return out
}

// changeOf says what changed in an entry that both locks have.
func changeOf(c lockfile.Change) resolver.Reason {
	if c.Old.Pin() != c.New.Pin() {
		return resolver.Moved
	}
	facts := *c.New
	facts.Verified = c.Old.Verified
	if facts.Equal(*c.Old) {
		return resolver.Proven
	}
	return resolver.Completed
}

// family is the kind and repository of an entry.
func family(e *lockfile.Entry) string {
	if n, err := oci.Parse(e.Name); err == nil {
		return string(e.Kind) + " " + n.Repo()
	}
	return string(e.Kind) + " " + e.Name
}
