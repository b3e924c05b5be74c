package resolver

import (
	"context"
	"errors"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// Denied says that policies do not accept an image.
type Denied struct {
	Reasons []string // a line each
	Fix     string
}

// Error gives the reasons on one line.
func (d *Denied) Error() string { return "is not accepted: " + strings.Join(d.Reasons, "; ") }

// prove asks for the proof of an image that is to be locked. It may be called
// for many at once.
func (p *planner) prove(ctx context.Context, t *target) {
	if p.Prove == nil || t.kind != lockfile.Image || !t.touched || t.entry == nil || t.err != nil {
		return
	}
	var proven lockfile.Entry
	err := context.Cause(ctx)
	if err == nil {
		proven, err = p.Prove(ctx, *t.entry)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proven(t, proven, err)
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
	p.plan.Problems = append(p.plan.Problems, Problem{Place: t.first(), Reference: t.becomes(), Message: denied.Error(), Fix: denied.Fix})
	t.next = ""
	switch {
	case t.old == nil:
		t.entry = nil
	case t.old.Digest != t.entry.Digest:
		t.entry = t.old
	default: // it stays what it is, and nobody vouches for it any more
		e := *t.entry
		e.Name, e.Verified = t.name, nil
		t.entry = &e
	}
}
