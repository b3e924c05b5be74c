package resolver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// decide settles what a target is pinned to, or what has to be queried to know.
func (p *planner) decide(t *target) {
	name, err := oci.Parse(t.name)
	if err != nil {
		t.err = err
		return
	}
	if !t.touched {
		t.entry = t.old // out of reach: as it was
		return
	}
	t.update = p.Update != nil && name.Digest == "" && p.Update(Tracked{t.kind, t.name, t.written()})
	switch {
	case t.update && t.old != nil:
		t.query, t.want = moved, name
	case t.update:
		t.query, t.want = content, name
	case len(t.digests) > 1:
		p.disagree(t)
	case len(t.digests) == 1:
		p.keep(t, name, t.digests[0])
	case t.old != nil:
		p.keep(t, name, t.old.Digest)
	case len(t.images) > 0 || p.pinnable(t):
		t.query, t.want = content, name
	}
}

// pinnable reports whether some place of t that may be edited has no pin yet.
func (p *planner) pinnable(t *target) bool {
	for _, r := range t.places {
		if r.Editable && r.Digest == "" && p.within(r) {
			return true
		}
	}
	return false
}

// disagree reports that the places of a name carry different digests, between
// which plumb does not choose.
func (p *planner) disagree(t *target) {
	t.entry = t.old
	first := t.places[0]
	problem := Problem{
		Place:     placeOf(first),
		Reference: t.name,
		Message:   "is pinned to different digests",
		Fix:       "to pin every place to what the name means now: plumb lock update " + t.name,
	}
	for _, d := range t.digests {
		pin := Pin{Digest: d}
		for _, r := range t.places {
			if r.Digest == d {
				pin.Places = append(pin.Places, placeOf(r))
			}
		}
		problem.Pins = append(problem.Pins, pin)
	}
	p.plan.Conflicts = append(p.plan.Conflicts, problem)
}

// keep pins t to digest, without a query if its content is known already.
func (p *planner) keep(t *target, name oci.Name, digest string) {
	if t.old != nil && t.old.Digest == digest {
		t.entry = t.old
	} else if e := p.known(t, digest); e != nil && p.isStale(t, name, digest) {
		t.stale, t.query, t.want = e, content, name
		return
	} else if e != nil {
		t.entry = &lockfile.Entry{Kind: t.kind, Name: t.name, Digest: digest,
			MediaType: e.MediaType, Platforms: e.Platforms}
	}
	if t.entry != nil && p.complete(t.entry) {
		return
	}
	name.Tag, name.Digest = "", digest
	t.query, t.want = content, name
}

// known finds an entry of the same repository and content under another name.
func (p *planner) known(t *target, digest string) *lockfile.Entry {
	for _, e := range p.byDigest[digest] {
		if e.Kind == t.kind && repository(e.Name) == repository(t.name) {
			return &e
		}
	}
	return nil
}

// isStale reports whether the lock has the digest of a name with a tag under other tags
// of the repository only: somebody has edited the tag, and the digest may be what it was.
func (p *planner) isStale(t *target, name oci.Name, digest string) bool {
	if name.Tag == "" || p.KeepDigest != nil &&
		p.KeepDigest(Tracked{t.kind, t.name, t.written()}) {
		return false
	}
	for _, e := range p.byDigest[digest] {
		if e.Kind == t.kind && repository(e.Name) == repository(t.name) &&
			(e.Name == t.name || strings.Contains(e.Name, "@")) {
			return false
		}
	}
	return true
}

// left reports that the digest of t is not what its tag means now, but that of another tag.
func (p *planner) left(t *target, now string) {
	message := fmt.Sprintf("has the digest of %s; the tag means %s now", t.stale.Name, now)
	fix := fmt.Sprintf("to pin what the tag means: plumb lock update %s; to lock what is written: "+
		"plumb lock --keep-digest %s", t.name, t.name)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range t.places {
		if p.within(r) {
			p.plan.Stale = append(p.plan.Stale, Problem{Place: placeOf(r), Reference: r.Reference,
				Message: message, Fix: fix})
		}
	}
}

// complete reports whether e has the config digest of each of its platforms that
// configs are recorded for.
func (p *planner) complete(e *lockfile.Entry) bool {
	if e.Kind != lockfile.Image {
		return true
	}
	for _, have := range e.Platforms {
		wanted := func(want string) bool { return lockfile.SamePlatform(have.Platform, want) }
		if have.Config == "" && slices.ContainsFunc(p.Platforms, wanted) {
			return false
		}
	}
	return true
}

// resolve queries the registries for the targets that decide left open, and looks for
// the evidence of all.
func (p *planner) resolve(ctx context.Context, targets []*target, reg Registry) {
	var open, known []*target
	for _, t := range targets {
		switch {
		case t.err != nil:
		case t.query != nothing:
			open = append(open, t)
		case p.Prover != nil && t.touched:
			known = append(known, t)
		}
	}
	host := func(t *target) string { h, _, _ := strings.Cut(t.name, "/"); return h }
	queryAll(known, host, p.Progress.uncounted(), func(t *target) { p.prove(ctx, t) })
	queryAll(open, host, p.Progress, func(t *target) {
		if ctx.Err() == nil {
			p.fetch(ctx, t, reg)
		}
		if t.entry == nil && ctx.Err() != nil {
			t.err = context.Cause(ctx)
		}
		p.prove(ctx, t)
	})
}

// fetch finds out from the registry what one target is pinned to.
func (p *planner) fetch(ctx context.Context, t *target, reg Registry) {
	if t.query == moved && p.complete(t.old) {
		// A header is a claim. That nothing has moved may rest on it; a pin
		// never does.
		if claim, err := reg.Head(ctx, t.want); err == nil && claim == t.old.Digest {
			t.entry = t.old
			return
		}
	}
	c, err := reg.Resolve(ctx, t.want, t.kind, p.Platforms)
	if err != nil {
		t.err = err
		return
	}
	if t.stale != nil && c.Digest != t.stale.Digest {
		p.left(t, c.Digest)
		return
	}
	e := &lockfile.Entry{Kind: t.kind, Name: t.becomes(), Digest: c.Digest,
		MediaType: c.MediaType, Platforms: c.Platforms}
	if t.old != nil && t.old.Digest == c.Digest && t.next == "" {
		e.Verified = t.old.Verified
	}
	t.entry = e
}
