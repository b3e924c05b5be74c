package gitref

import (
	"context"
	"sync"
)

// once does a piece of work once per key, for all callers, and remembers the outcome. The
// caller who comes first does it; if its context ends meanwhile, the next one takes over.
type once[V any] struct {
	mu    sync.Mutex
	byKey map[string]*outcome[V]
}

// outcome is that of the work for one key.
type outcome[V any] struct {
	turn  chan struct{} // holds one token while a caller works
	known bool
	value V
	err   error
}

// do returns the outcome of work for key.
func (o *once[V]) do(ctx context.Context, key string, work func() (V, error)) (V, error) {
	out := o.outcome(key)
	var none V
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	select {
	case out.turn <- struct{}{}:
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
	defer func() { <-out.turn }()
	if out.known {
		return out.value, out.err
	}
	value, err := work()
	if err == nil || ctx.Err() == nil {
		out.value, out.err, out.known = value, err, true
	}
	return value, err
}

// outcome returns the outcome of key, which may not be known yet.
func (o *once[V]) outcome(key string) *outcome[V] {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byKey == nil {
		o.byKey = map[string]*outcome[V]{}
	}
	out := o.byKey[key]
	if out == nil {
		out = &outcome[V]{turn: make(chan struct{}, 1)}
		o.byKey[key] = out
	}
	return out
}
