// Package memo does a piece of work once for all callers that need it at the same
// time, and remembers the outcome where that is wanted.
package memo

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Group does work once per key: for all callers that ask for the key at the same
// time, and for later ones where Reuse allows it. The first caller does the work
// itself, so nothing is left running when it gives up. The zero value remembers
// nothing.
type Group[V any] struct {
	// Reuse says whether later callers get the outcome that work had at
	// the time. nil: an outcome is only for the callers that waited for it.
	Reuse func(value V, err error, at time.Time) bool

	mu    sync.Mutex
	calls map[string]*call[V]
}

type call[V any] struct {
	done      chan struct{}
	value     V
	err       error
	at        time.Time
	abandoned bool // the worker gave up, which says nothing to the others
}

// errAbandoned is the outcome of work that ended without one.
var errAbandoned = errors.New("abandoned")

// Do returns the outcome of work for key. A waiting caller gives up when its own ctx
// ends, and takes over when the worker's did. An outcome for which stale returns true
// is not reused; a nil stale reuses all.
func (g *Group[V]) Do(
	ctx context.Context, key string, stale func(V) bool, work func(context.Context) (V, error),
) (V, error) {
	for {
		c, mine := g.claim(key, stale)
		if mine {
			return g.run(ctx, key, c, work)
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
func (g *Group[V]) claim(key string, stale func(V) bool) (c *call[V], mine bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.calls[key]; c != nil {
		select {
		case <-c.done:
			if g.reusable(c) && (stale == nil || !stale(c.value)) {
				return c, false
			}
		default:
			return c, false
		}
	}
	if g.calls == nil {
		g.calls = make(map[string]*call[V])
	}
	c = &call[V]{done: make(chan struct{}), err: errAbandoned, abandoned: true}
	g.calls[key] = c
	return c, true
}

func (g *Group[V]) reusable(c *call[V]) bool {
	return !c.abandoned && g.Reuse != nil && g.Reuse(c.value, c.err, c.at)
}

// run does the work of a call that was claimed.
func (g *Group[V]) run(
	ctx context.Context, key string, c *call[V], work func(context.Context) (V, error),
) (V, error) {
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		close(c.done)
		if !g.reusable(c) && g.calls[key] == c {
			delete(g.calls, key)
		}
	}()
	c.value, c.err = work(ctx)
	c.at = time.Now()
	c.abandoned = ctx.Err() != nil && c.err != nil
	return c.value, c.err
}
