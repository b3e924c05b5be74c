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

// Reloader keeps a State up to date: it fetches versions, loads them, and swaps in what
// verifies, whole. What does not verify is told of, and the last good State serves on.
type Reloader struct {
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

// Status is how a Reloader fares.
type Status struct {
	State     *State // that is served; nil if there is none
	Confirmed time.Time
	Err       error // why the last attempt failed, nil if it did not
}

// Start makes the Reloader ready with a version that was kept, which is judged as any
// other. Whether the source still has it, Run tells.
func (r *Reloader) Start(ctx context.Context, kept source.Version, at time.Time) error {
	set, err := r.own()
	if err != nil {
		return err
	}
	s, err := Load(ctx, kept, LoadOptions{Roots: r.Roots, Policies: set})
	if err != nil {
		return err
	}
	kept.Files = s.Files()
	r.swap(s, kept, digestOf(set), at)
	return nil
}

// Refresh asks the source once. The error is source.ErrUnchanged if nothing is new,
// and otherwise says why what was served is served on. It must not be called twice at
// once.
func (r *Reloader) Refresh(ctx context.Context) error {
	err := r.refresh(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	if errors.Is(err, source.ErrUnchanged) {
		r.err = nil
	}
	return err
}

func (r *Reloader) refresh(ctx context.Context) error {
	set, err := r.own()
	if err != nil {
		return err
	}
	r.mu.RLock()
	served, judgedBy, refused, unsaved := r.version, r.policies, r.refused, r.unsaved
	state := r.state
	r.mu.RUnlock()
	rejudged := state != nil && judgedBy != digestOf(set)
	if rejudged {
		if err := r.rejudge(ctx, served, set); err != nil {
			return err
		}
	}
	v, err := r.Source.Fetch(ctx, served)
	now := time.Now()
	switch {
	case errors.Is(err, source.ErrUnchanged):
		r.confirm(now)
		if unsaved {
			return r.save(served)
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
	s, err := Load(ctx, v, LoadOptions{Roots: r.Roots, Policies: set})
	if err != nil {
		return r.refuse(ctx, what, v, err)
	}
	v.Files = s.Files()
	r.swap(s, v, digestOf(set), now)
	return r.save(v)
}

// rejudge judges the version that is served by other policies. They hold at once,
// whatever becomes of the source: what they do not accept is denied.
func (r *Reloader) rejudge(ctx context.Context, served source.Version, set *policy.Set) error {
	s, err := Load(ctx, served, LoadOptions{Roots: r.Roots, Policies: set, AllowDenied: true})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.policies = s, digestOf(set)
	return nil
}

// save keeps a version that is served.
func (r *Reloader) save(v source.Version) error {
	if r.Save == nil {
		return nil
	}
	err := r.Save(v)
	if err != nil {
		err = fmt.Errorf("%s is served, but cannot be saved: %w", v.Commit, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsaved = err != nil
	return err
}

// own are the cluster's policies, nil if the repository's are taken.
func (r *Reloader) own() (*policy.Set, error) {
	if r.Policies == nil {
		return nil, nil
	}
	set, err := r.Policies()
	if err == nil && set == nil {
		err = errors.New("no policies")
	}
	return set, err
}

func digestOf(set *policy.Set) string {
	if set == nil {
		return ""
	}
	return set.Digest()
}

func (r *Reloader) swap(s *State, v source.Version, policies string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.version, r.policies, r.confirmed, r.refused = s, v, policies, at, rejection{}
}

func (r *Reloader) confirm(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.confirmed, r.refused = at, rejection{}
}

// refuse remembers what did not verify, so that it is not verified again and again, and
// returns the error that says so. That time ran out says nothing of it.
func (r *Reloader) refuse(ctx context.Context, what string, v source.Version, err error) error {
	if ctx.Err() != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = rejection{what, fmt.Errorf("%s: %w", v.Source, &source.RefusedError{Commit: v.Commit, Reason: err.Error()})}
	return r.refused.err
}

// State is the state to judge by, nil if there is none or it is too old.
func (r *Reloader) State() *State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.MaxAge > 0 && time.Since(r.confirmed) > r.MaxAge {
		return nil
	}
	return r.state
}

// Status tells how the Reloader fares.
func (r *Reloader) Status() Status {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return Status{r.state, r.confirmed, r.err}
}
