package resolver

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
)

// Denied says that policies do not accept an image.
type Denied struct {
	Reasons []string // a line each
	Fix     string
}

// Error gives the reasons on one line.
func (d *Denied) Error() string { return "is not accepted: " + strings.Join(d.Reasons, "; ") }

// prove asks for the proof of every image that is to be locked.
func (p *planner) prove(ctx context.Context, targets []*target) error {
	if p.Prove == nil {
		return nil
	}
	var images []*target
	for _, t := range targets {
		if t.kind == lockfile.Image && t.touched && t.entry != nil && t.err == nil {
			images = append(images, t)
		}
	}
	var mu sync.Mutex
	askAll(images, func(t *target) string { host, _, _ := strings.Cut(t.name, "/"); return host }, func(t *target) {
		if ctx.Err() != nil {
			return
		}
		proven, err := p.Prove(ctx, *t.entry)
		mu.Lock()
		defer mu.Unlock()
		p.proven(t, proven, err)
	})
	return context.Cause(ctx)
}

// proven settles what becomes of an image by what Prove said of it. Where it is
// not accepted, or that cannot be told, no pin moves to it.
func (p *planner) proven(t *target, proven lockfile.Entry, err error) {
	var denied *Denied
	switch {
	case err == nil:
		t.entry = &proven
		return
	case !errors.As(err, &denied):
		t.err = err
		return
	}
	t.denied = true
	first := Place{File: "plumb.yaml", Line: 1, Column: 1} // which names it, if no manifest does
	if len(t.places) > 0 {
		first = t.where()[0]
	}
	p.plan.Problems = append(p.plan.Problems, Problem{Place: first, Reference: t.name, Message: denied.Error(), Fix: denied.Fix})
	switch {
	case t.old == nil:
		t.entry = nil
	case t.old.Digest != t.entry.Digest:
		t.entry = t.old
	default: // it stays what it is, and nobody vouches for it any more
		e := *t.entry
		e.Verified = nil
		t.entry = &e
	}
}
