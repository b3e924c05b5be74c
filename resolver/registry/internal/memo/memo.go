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

	calls calls
}

// Do returns the outcome of work for key. A waiting caller gives up when its own ctx
// ends, and takes over when the worker's did. An outcome for which stale returns true
// is not reused; a nil stale reuses all.
func (g *Group[V]) Do(
	ctx context.Context, key string, stale func(V) bool, work func(context.Context) (V, error),
) (V, error) {
	value, err := g.calls.do(ctx, key, task{
		work: func(ctx context.Context) (any, error) { return work(ctx) },
		reuse: func(c *call) bool {
			value, _ := c.value.(V) // nil is the zero value of an interface
			return g.Reuse != nil && g.Reuse(value, c.err, c.at)
		},
		stale: func(c *call) bool {
			value, _ := c.value.(V)
			return stale != nil && stale(value)
		},
	})
	v, _ := value.(V)
	return v, err
}

// calls has what a Group does, once for all types: the compiler would make it anew for
// each.
type calls struct {
	mu    sync.Mutex
	byKey map[string]*call
}

// task is the work for a key, and when to reuse an outcome.
type task struct {
	work         func(context.Context) (any, error)
	reuse, stale func(*call) bool // of a call that is done
}

type call struct {
	done      chan struct{}
	value     any
	err       error
	at        time.Time
	abandoned bool // the worker gave up, which says nothing to the others
}

// errAbandoned is the outcome of work that ended without one.
var errAbandoned = errors.New("abandoned")

func (g *calls) do(ctx context.Context, key string, t task) (any, error) {
	for {
		c, mine := g.claim(key, t)
		if mine {
			return g.run(ctx, key, c, t)
		}
		select {
		case <-c.done:
			if !c.abandoned {
				return c.value, c.err
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// claim returns the call for key, and whether the caller is to do its work.
func (g *calls) claim(key string, t task) (c *call, mine bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.byKey[key]; c != nil {
		select {
		case <-c.done:
			if !c.abandoned && t.reuse(c) && !t.stale(c) {
				return c, false
			}
		default:
			return c, false
		}
	}
	if g.byKey == nil {
		g.byKey = make(map[string]*call)
	}
	c = &call{done: make(chan struct{}), err: errAbandoned, abandoned: true}
	g.byKey[key] = c
	return c, true
}

// run does the work of a call that was claimed.
func (g *calls) run(ctx context.Context, key string, c *call, t task) (any, error) {
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		close(c.done)
		if (c.abandoned || !t.reuse(c)) && g.byKey[key] == c {
			delete(g.byKey, key)
		}
	}()
	c.value, c.err = t.work(ctx)
	c.at = time.Now()
	c.abandoned = ctx.Err() != nil && c.err != nil
	return c.value, c.err
}
