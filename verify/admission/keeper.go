package admission

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/policy"
)

// Keeper keeps a State up to date: it fetches versions, loads them, and swaps in what
// verifies, whole. What does not verify is told of, and the last good State serves on.
type Keeper struct {
	Source source.Source
	Roots  []Root
	// Policies returns the cluster's own policies as they are now; nil: the
	// repository's are taken.
	Policies func() (*policy.Set, error)
	// Interval is how often the source is asked; 0: only when there is a signal. Where it
	// cannot be told what the source has, it is asked again sooner.
	Interval time.Duration
	// MaxAge is how long a State is served that the source has not confirmed; 0 for
	// ever.
	MaxAge time.Duration
	// Save keeps a version that is served from now on, to start with another time; nil
	// keeps none.
	Save func(source.Version) error
	// Observe is told how each attempt ended: with nil, with source.ErrUnchanged, or with
	// why the last State serves on.
	Observe func(error)

	signal chan struct{}

	mu        sync.RWMutex
	state     *State
	version   source.Version
	policies  string    // digest of those that state was loaded by
	confirmed time.Time // when the source last had version
	refused   rejection // the last one
	unsaved   bool      // version could not be kept
	err       error     // of the last attempt
}

// rejection is a version that was not taken, and why.
type rejection struct {
	what string // the version, and the policies it was judged by
	err  error
}

// Status is how a Keeper fares.
type Status struct {
	State     *State // that is served; nil if there is none
	Confirmed time.Time
	Err       error // why the last attempt failed, nil if it did not
}

// Start makes the Keeper ready with a version that was kept, which is judged as any
// other. Whether the source still has it, Run tells.
func (k *Keeper) Start(ctx context.Context, kept source.Version, at time.Time) error {
	set, err := k.own()
	if err != nil {
		return err
	}
	s, err := Load(ctx, kept, LoadOptions{Roots: k.Roots, Policies: set})
	if err != nil {
		return err
	}
	kept.Files = s.Files()
	k.swap(s, kept, digestOf(set), at)
	return nil
}

// Refresh asks the source once. The error is source.ErrUnchanged if nothing is new,
// and otherwise says why what was served is served on. It must not be called twice at
// once.
func (k *Keeper) Refresh(ctx context.Context) error {
	err := k.refresh(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
	if errors.Is(err, source.ErrUnchanged) {
		k.err = nil
	}
	return err
}

func (k *Keeper) refresh(ctx context.Context) error {
	set, err := k.own()
	if err != nil {
		return err
	}
	k.mu.RLock()
	served, judgedBy, refused, unsaved := k.version, k.policies, k.refused, k.unsaved
	state := k.state
	k.mu.RUnlock()
	rejudged := state != nil && judgedBy != digestOf(set)
	if rejudged {
		if err := k.rejudge(ctx, served, set); err != nil {
			return err
		}
	}
	v, err := k.Source.Fetch(ctx, served)
	now := time.Now()
	switch {
	case errors.Is(err, source.ErrUnchanged):
		k.confirm(now)
		if unsaved {
			return k.save(served)
		}
		if rejudged {
			return nil
		}
		return err
	case err != nil:
		return err
	}
	what := v.Commit + " " + digestOf(set)
	if what == refused.what {
		return refused.err
	}
	s, err := Load(ctx, v, LoadOptions{Roots: k.Roots, Policies: set})
	if err != nil {
		return k.refuse(ctx, what, v, err)
	}
	v.Files = s.Files()
	k.swap(s, v, digestOf(set), now)
	return k.save(v)
}

// rejudge judges the version that is served by other policies. They hold at once,
// whatever becomes of the source: what they do not accept is denied.
func (k *Keeper) rejudge(ctx context.Context, served source.Version, set *policy.Set) error {
	s, err := Load(ctx, served, LoadOptions{Roots: k.Roots, Policies: set, Tolerant: true})
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state, k.policies = s, digestOf(set)
	return nil
}

// save keeps a version that is served.
func (k *Keeper) save(v source.Version) error {
	if k.Save == nil {
		return nil
	}
	err := k.Save(v)
	if err != nil {
		err = fmt.Errorf("%s is served, but cannot be kept: %w", v.Commit, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unsaved = err != nil
	return err
}

// own are the cluster's policies, nil if the repository's are taken.
func (k *Keeper) own() (*policy.Set, error) {
	if k.Policies == nil {
		return nil, nil
	}
	set, err := k.Policies()
	if err == nil && set == nil {
		err = errors.New("there are no policies")
	}
	return set, err
}

func digestOf(set *policy.Set) string {
	if set == nil {
		return ""
	}
	return set.Digest()
}

func (k *Keeper) swap(s *State, v source.Version, policies string, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state, k.version, k.policies, k.confirmed, k.refused = s, v, policies, at, rejection{}
}

func (k *Keeper) confirm(at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.confirmed, k.refused = at, rejection{}
}

// refuse remembers what did not verify, so that it is not verified again and again, and
// returns the error that says so. That time ran out says nothing of it.
func (k *Keeper) refuse(ctx context.Context, what string, v source.Version, err error) error {
	if ctx.Err() != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refused = rejection{what, fmt.Errorf("%s: %w", v.Source, &source.RefusedError{Commit: v.Commit, Reason: err.Error()})}
	return k.refused.err
}

// State is the state to judge by, nil if there is none or it is too old.
func (k *Keeper) State() *State {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.MaxAge > 0 && time.Since(k.confirmed) > k.MaxAge {
		return nil
	}
	return k.state
}

// Status tells how the Keeper fares.
func (k *Keeper) Status() Status {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return Status{k.state, k.confirmed, k.err}
}
