package main

import (
	"context"
	"errors"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
)

// oldLock reads plumb.lock. One in the middle of a merge is what both sides
// agree on, or only one has; the entries in dispute are known, but not locked.
func (s *session) oldLock(ctx context.Context, j *job) (old *lockfile.Lock, known []lockfile.Entry, err error) {
	if j.lock == nil {
		return nil, nil, nil
	}
	name := s.Display(j.dir, lockName)
	old, err = lockfile.Parse(name, j.lock)
	var se *lockfile.SyntaxError
	if err == nil || !errors.As(err, &se) || !se.Conflicted {
		return old, nil, cli.AsUsage(err)
	}
	old, disputed, err := mergeSides(ctx, j, name)
	if err != nil {
		return nil, nil, cli.AsUsage(err)
	}
	for _, d := range disputed {
		for _, e := range []*lockfile.Entry{d.Ours, d.Theirs} {
			if e != nil {
				known = append(known, *e)
			}
		}
		j.notes = append(j.notes, d.Name)
	}
	return old, known, nil
}

// mergeSides merges the two sides of a conflicted lock. Git's index has them
// whole; between the marks in the file, git has merged lines, not entries, and
// may have put together what no side wrote.
func mergeSides(ctx context.Context, j *job, name string) (*lockfile.Lock, []lockfile.Dispute, error) {
	if merged, disputed, ok := mergeStages(ctx, j); ok {
		return merged, disputed, nil
	}
	ours, theirs, err := lockfile.ParseConflicted(name, j.lock)
	if err != nil {
		return nil, nil, err
	}
	merged, disputed := lockfile.Merge(nil, ours, theirs)
	return merged, disputed, nil
}

func mergeStages(ctx context.Context, j *job) (*lockfile.Lock, []lockfile.Dispute, bool) {
	base, left, right, ok := j.work.Stages(ctx, lockName)
	if !ok {
		return nil, nil, false
	}
	ours, err := lockfile.Parse(lockName, left)
	if err != nil {
		return nil, nil, false
	}
	theirs, err := lockfile.Parse(lockName, right)
	if err != nil {
		return nil, nil, false
	}
	var from *lockfile.Lock
	if base != nil {
		if from, err = lockfile.Parse(lockName, base); err != nil {
			return nil, nil, false
		}
	}
	merged, disputed := lockfile.Merge(from, ours, theirs)
	return merged, disputed, true
}
