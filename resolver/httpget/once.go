package httpget

import (
	"context"
	"errors"
	"sync"
)

// Once does work one time for each key, for all callers at the same time and later. The
// first caller does it; if its context ends first, another one that waits takes over.
type Once[V any] struct {
	mu    sync.Mutex
	calls map[string]*call[V]
}

type call[V any] struct {
	done      chan struct{}
	value     V
	err       error
	abandoned bool // the worker gave up, which says nothing to the others
}

// errAbandoned is the outcome of work that ended without one.
var errAbandoned = errors.New("abandoned")

// Do returns the outcome of work for key. An outcome holds for as long as o lives, failures
// included, unless the caller that did the work gave up.
func (o *Once[V]) Do(
	ctx context.Context, key string, work func(context.Context) (V, error),
) (V, error) {
	for {
		c, mine := o.claim(key)
		if mine {
			o.run(ctx, key, c, work)
			return c.value, c.err
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
func (o *Once[V]) claim(key string) (c *call[V], mine bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.calls[key]; c != nil {
		return c, false
	}
	if o.calls == nil {
		o.calls = make(map[string]*call[V])
	}
	c = &call[V]{done: make(chan struct{}), err: errAbandoned, abandoned: true}
	o.calls[key] = c
	return c, true
}

// run does the work of a call that was claimed.
func (o *Once[V]) run(
	ctx context.Context, key string, c *call[V], work func(context.Context) (V, error),
) {
	defer func() {
		if c.abandoned {
			o.mu.Lock()
			delete(o.calls, key)
			o.mu.Unlock()
		}
		close(c.done)
	}()
	value, err := work(ctx)
	c.value, c.err = value, err
	c.abandoned = err != nil && ctx.Err() != nil
}

// Values returns the results of the work that succeeded.
func (o *Once[V]) Values() []V {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []V
	for _, c := range o.calls {
		select {
		case <-c.done:
			if c.err == nil {
				all = append(all, c.value)
			}
		default:
		}
	}
	return all
}
