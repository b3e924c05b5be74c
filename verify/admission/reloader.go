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

// Reloader keeps a State up to date: it fetches versions, loads them, and serves each that
// verifies as a whole. When one does not, it keeps serving the last good State.
type Reloader struct {
	// Source is where versions are fetched from.
	Source source.Source
	// Roots are the lock roots to serve.
	Roots []Root
	// Policies returns the cluster's own policies, as they are now. Nil: those of the
	// repository apply.
	Policies func() (*policy.Set, error)
	// Interval is the time between fetches; 0: only Signal causes one. After a transient
	// failure the next one is sooner.
	Interval time.Duration
	// MaxAge is how long a State is served without a confirmation by the source; 0: without
	// a limit.
	MaxAge time.Duration
	// Save saves a version once it is served, for Start; nil saves none.
	Save func(source.Version) error
	// Observe is called after each attempt: with nil for a new State, with
	// source.ErrUnchanged, or with the error because of which the last State is kept.
	Observe func(error)

	signal chan struct{}

	mu        sync.RWMutex
	state     *State
	version   source.Version
	policies  string    // digest of those that state was loaded with
	confirmed time.Time // when the source last had version
	refused   rejection // the last one
	unsaved   bool      // version could not be saved
	err       error     // of the last attempt
}

// rejection is a version that did not verify, and why.
type rejection struct {
	what string // the version and the policies
	err  error
}

// Status is the state of a Reloader.
type Status struct {
	// State is the one that is served, whatever its age; nil if there is none.
	State *State
	// Confirmed is when the source last had the version of State.
	Confirmed time.Time
	// Err is why the last attempt failed; nil if it did not.
	Err error
}

// Start serves a version that was saved at the time at. It is verified like any other.
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

// Refresh fetches once, and serves what it fetched. The error is source.ErrUnchanged if
// there is nothing new, and otherwise says why the last State is kept. It must not be called
// concurrently.
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

// rejudge loads the version that is served with other policies. They apply at once,
// whatever happens to the source: images that they do not accept are denied.
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

// save saves a version that is served.
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

// own are the cluster's policies; nil if those of the repository apply.
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

// digestOf is the digest of a set of policies; "" for nil.
func digestOf(set *policy.Set) string {
	if set == nil {
		return ""
	}
	return set.Digest()
}

// swap serves a new state.
func (r *Reloader) swap(s *State, v source.Version, policies string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.version, r.policies, r.confirmed, r.refused = s, v, policies, at, rejection{}
}

// confirm notes that the source still has the version that is served.
func (r *Reloader) confirm(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.confirmed, r.refused = at, rejection{}
}

// refuse remembers a version that did not verify, so that it is not verified again, and
// returns the error for it. The end of ctx is not a reason to remember.
func (r *Reloader) refuse(ctx context.Context, what string, v source.Version, err error) error {
	if ctx.Err() != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = rejection{what, fmt.Errorf("%s: %w", v.Source,
		&source.RefusedError{Commit: v.Commit, Reason: err.Error()})}
	return r.refused.err
}

// State is the state to review objects by; nil if there is none, or it is too old.
func (r *Reloader) State() *State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.MaxAge > 0 && time.Since(r.confirmed) > r.MaxAge {
		return nil
	}
	return r.state
}

// Status returns the status.
func (r *Reloader) Status() Status {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return Status{r.state, r.confirmed, r.err}
}
