package lockroot

import (
	"context"
	"errors"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// MergedLock returns the lock, nil where there is none. In the middle of a merge it has
// the entries that both sides have with the same pin, and those that one side has;
// disputed are the entries with different pins. The error is an *InvalidError.
func (r *Root) MergedLock(
	ctx context.Context,
) (lock *lockfile.Lock, disputed []lockfile.Dispute, err error) {
	var syntax *lockfile.SyntaxError
	if !errors.As(r.LockErr, &syntax) || !syntax.Conflicted {
		if r.LockErr != nil {
			return nil, nil, &InvalidError{named(r.LockErr, r.Display(LockFile))}
		}
		return r.Lock, nil, nil
	}
	// Git's index has both sides in full. Between the conflict markers in the file, git
	// has merged lines, not entries, and may have made entries that no side wrote.
	if merged, disputed, ok := r.mergeStages(ctx); ok {
		return merged, disputed, nil
	}
	ours, theirs, err := lockfile.ParseConflicted(r.Display(LockFile), r.LockText)
	if err != nil {
		return nil, nil, &InvalidError{err}
	}
	merged, disputed := lockfile.Merge(nil, ours, theirs)
	return merged, disputed, nil
}

// mergeStages merges the sides in the git index; ok is false if it does not have them.
func (r *Root) mergeStages(ctx context.Context) (*lockfile.Lock, []lockfile.Dispute, bool) {
	work, ok := r.Tree.(*tree.WorkTree)
	if !ok {
		return nil, nil, false
	}
	base, left, right, ok := work.Stages(ctx, LockFile)
	if !ok {
		return nil, nil, false
	}
	ours, err := parseLock(left)
	if err != nil {
		return nil, nil, false
	}
	theirs, err := parseLock(right)
	if err != nil {
		return nil, nil, false
	}
	var from *lockfile.Lock
	if base != nil {
		if from, err = parseLock(base); err != nil {
			return nil, nil, false
		}
	}
	merged, disputed := lockfile.Merge(from, ours, theirs)
	return merged, disputed, true
}
