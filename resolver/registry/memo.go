package registry

import (
	"context"
	"errors"
	"sync"
	"time"
)

// memo does a piece of work once for all who ask for it by the same key at the
// same time, and for those who come later where reuse allows it. The first one
// to ask does the work itself, so nothing is left running when it gives up.
type memo[V any] struct {
	// reuse says whether later callers get the outcome that work had at
	// the time. nil: each outcome is for those only who waited for it.
	reuse func(value V, err error, at time.Time) bool

	mu    sync.Mutex
	calls map[string]*call[V]
}

type call[V any] struct {
	done      chan struct{}
	value     V
	err       error
	at        time.Time
	abandoned bool // whoever worked gave up, which says nothing to the others
}

// errAbandoned is the outcome of work that ended without one.
var errAbandoned = errors.New("abandoned")

// get returns the outcome of work for key. Of those who wait, each gives up when
// its own ctx ends, and one takes over when the worker's did. An outcome for
// which stale returns true is not reused; nil is none.
func (m *memo[V]) get(ctx context.Context, key string, stale func(V) bool, work func(context.Context) (V, error)) (V, error) {
	for {
		c, mine := m.claim(key, stale)
		if mine {
			return m.run(ctx, key, c, work)
		}
		select {
		case <-c.done:
			if !c.abandoned {
				return c.value, c.err
			}
		case <-ctx.Done():
			var none V
			return none, context.Cause(ctx)
		}
	}
}

// claim returns the call for key, and whether the caller is to do its work.
func (m *memo[V]) claim(key string, stale func(V) bool) (c *call[V], mine bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.calls[key]; c != nil {
		select {
		case <-c.done:
			if m.reusable(c) && (stale == nil || !stale(c.value)) {
				return c, false
			}
		default:
			return c, false
		}
	}
	if m.calls == nil {
		m.calls = make(map[string]*call[V])
	}
	c = &call[V]{done: make(chan struct{}), err: errAbandoned, abandoned: true}
	m.calls[key] = c
	return c, true
}

func (m *memo[V]) reusable(c *call[V]) bool {
	return !c.abandoned && m.reuse != nil && m.reuse(c.value, c.err, c.at)
}

// run does the work of a call that was claimed.
func (m *memo[V]) run(ctx context.Context, key string, c *call[V], work func(context.Context) (V, error)) (V, error) {
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		close(c.done)
		if !m.reusable(c) && m.calls[key] == c {
			delete(m.calls, key)
		}
	}()
	c.value, c.err = work(ctx)
	c.at = time.Now()
	c.abandoned = ctx.Err() != nil && c.err != nil
	return c.value, c.err
}
