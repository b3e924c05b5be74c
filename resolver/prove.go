package resolver

import (
	"context"
	"errors"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver/signatures"
)

// Prover finds the evidence by which policies accept images. *signatures.Prover is one.
type Prover interface {
	// Prove returns an entry with the lines that say who signed the image, which refs refer
	// to. The error is a *signatures.DeniedError if policies do not accept it there.
	Prove(ctx context.Context, e lockfile.Entry, refs []*manifest.Reference) (lockfile.Entry, error)
}

// prove looks for the evidence of an image that is to be locked. It may be called
// for many at once.
func (p *planner) prove(ctx context.Context, t *target) {
	if p.Prover == nil || t.kind != lockfile.Image || !t.touched || t.entry == nil || t.err != nil {
		return
	}
	var proven lockfile.Entry
	err := context.Cause(ctx)
	if err == nil {
		proven, err = p.Prover.Prove(ctx, *t.entry, t.refs())
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proven(t, proven, err)
}

// refs are the places that refer to t; one of plumb.yaml stands in no object.
func (t *target) refs() []*manifest.Reference {
	if len(t.images) == 0 {
		return t.places
	}
	named := &manifest.Reference{File: t.images[0].File, Line: t.images[0].Line,
		Column: t.images[0].Column}
	return append(slices.Clip(t.places), named)
}

// proven settles the entry of an image by the result of Prover. If policies do not
// accept the image, or that is not known, no pin moves to it.
func (p *planner) proven(t *target, proven lockfile.Entry, err error) {
	var denied *signatures.DeniedError
	switch {
	case err == nil:
		t.entry = &proven
		return
	case !errors.As(err, &denied):
		t.err = err
		return
	}
	t.denied = true
	p.problem(t.first(), t.becomes(), denied.Error(), denied.Fix)
	t.next = ""
	switch {
	case t.old == nil:
		t.entry = nil
	case t.old.Digest != t.entry.Digest:
		t.entry = t.old
	default: // it stays what it is, without evidence
		e := *t.entry
		e.Name, e.Verified = t.name, nil
		t.entry = &e
	}
}
