// Package once does a piece of work once, for all callers.
package once

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Group does the work of each key once and remembers the outcome, be it an error. The caller
// who comes first does it; if its context ends meanwhile, the next one takes over. The zero
// value is ready.
type Group[V any] struct {
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

// Do returns the outcome of work for key.
func (g *Group[V]) Do(ctx context.Context, key string, work func() (V, error)) (V, error) {
	out := g.outcome(key)
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

// Known returns the value of work that has succeeded for key. It does not wait for work that
// is under way.
func (g *Group[V]) Known(key string) (value V, ok bool) {
	out := g.outcome(key)
	select {
	case out.turn <- struct{}{}:
	default:
		return value, false
	}
	defer func() { <-out.turn }()
	return out.value, out.known && out.err == nil
}

// Values returns the values of all work that has succeeded, and waits for none.
func (g *Group[V]) Values() []V {
	g.mu.Lock()
	keys := slices.Collect(maps.Keys(g.byKey))
	g.mu.Unlock()
	var all []V
	for _, key := range keys {
		if value, ok := g.Known(key); ok {
			all = append(all, value)
		}
	}
	return all
}

// outcome returns the outcome of key, which may not be known yet.
func (g *Group[V]) outcome(key string) *outcome[V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byKey == nil {
		g.byKey = map[string]*outcome[V]{}
	}
	out := g.byKey[key]
	if out == nil {
		out = &outcome[V]{turn: make(chan struct{}, 1)}
		g.byKey[key] = out
	}
	return out
}
