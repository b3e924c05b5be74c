package resolver

import (
	"errors"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// finishSources turns what is known of the sources into edits and entries of the next lock,
// and lists what could not be resolved.
func (p *planner) finishSources() []lockfile.Entry {
	var out []lockfile.Entry
	for _, t := range p.sortedSources() {
		if t.err != nil {
			p.failedSource(t)
			t.entry = t.old
		}
		switch {
		case t.entry != nil:
			out = append(out, *t.entry)
		case t.old != nil && (t.spared || p.blind):
			out = append(out, *t.old)
		}
		if t.err == nil && t.entry != nil && t.touched {
			p.editSource(t)
		}
	}
	out = append(out, p.unseenSources()...)
	slices.SortFunc(out, lockfile.Entry.Compare)
	// A name that may be a branch or a tag, and the tag itself, are one entry.
	return slices.CompactFunc(out, func(a, b lockfile.Entry) bool { return a.Compare(b) == 0 })
}

// unseenSources are the lock's entries of sources that stay although no place follows them,
// since a file that could not be read may.
func (p *planner) unseenSources() []lockfile.Entry {
	if !p.blind {
		return nil
	}
	followed := map[sourceKey]bool{}
	for _, t := range p.sources {
		if t.old != nil {
			followed[sourceKey{t.old.Kind, t.old.Name, t.old.Follows()}] = true
		}
	}
	var out []lockfile.Entry
	for _, e := range p.old.Entries {
		if e.Kind.IsSource() && !followed[sourceKey{e.Kind, e.Name, e.Follows()}] {
			out = append(out, e)
		}
	}
	return out
}

// failedSource reports why a source could not be resolved: what a person has to correct is a
// problem, and all else a failure, after which nothing is written.
func (p *planner) failedSource(t *sourceTarget) {
	var stale *staleError
	if errors.As(t.err, &stale) {
		p.plan.Stale = append(p.plan.Stale, Problem{Place: t.where()[0], Reference: t.name,
			Message: stale.Error(), Fix: "to pin what it means now: plumb lock update " + t.name})
		return
	}
	p.plan.Failures = append(p.plan.Failures, Failure{Kind: t.kind, Name: t.name, Err: t.err,
		Places: t.where()})
}

// pin is what the places of t are to carry.
func (t *sourceTarget) pin() manifest.SourcePin {
	e := t.entry
	return manifest.SourcePin{Commit: e.Commit, Version: e.Version, Digest: e.Digest, Tag: t.tag}
}

// editSource plans the edits that pin every place of t within reach.
func (p *planner) editSource(t *sourceTarget) {
	for _, r := range t.places {
		if !p.within(r.Reference) {
			continue
		}
		switch {
		case t.kind == lockfile.URL && t.git != nil:
			continue // its commit is its repository's
		case r.source.Pin != "" && r.source.Agrees(*t.entry):
			continue
		case t.fixed != "" && r.source.OnBranch && r.source.Pin == "":
			p.note(placeOf(r.Reference), r.Reference.Reference, t.fixed)
			continue
		case !r.Editable:
			p.uneditableSource(t, r)
			continue
		}
		if edits := r.PinSource(t.pin()); len(edits) > 0 {
			p.plan.Edits[r.File] = append(p.plan.Edits[r.File], edits...)
		}
	}
}

// uneditableSource reports a place that cannot be pinned, where plumb's lock is not enough:
// what it follows moves, or it carries other content.
func (p *planner) uneditableSource(t *sourceTarget, r sourcePlace) {
	switch {
	case r.source.Pin != "":
		p.problem(placeOf(r.Reference), r.Reference.Reference,
			"is pinned to other content and cannot be edited: "+r.Why,
			"write "+t.entry.Pin()+" there by hand")
	case !r.source.ExactBy(*t.entry):
		p.problem(placeOf(r.Reference), r.Reference.Reference, "cannot be pinned in place: "+r.Why,
			"follow a tag or an exact version, or name it under exceptions in plumb.yaml")
	}
}

// sourceChanges lists what becomes of the entries of sources.
func (p *planner) sourceChanges() []Change {
	only := func(l *lockfile.Lock) *lockfile.Lock {
		out := &lockfile.Lock{}
		for _, e := range l.Entries {
			if e.Kind.IsSource() {
				out.Entries = append(out.Entries, e)
			}
		}
		return out
	}
	byEntry := map[string]*sourceTarget{}
	for _, t := range p.sources {
		if t.entry != nil {
			byEntry[string(t.kind)+" "+t.entry.Tracked()] = t
		}
	}
	var out []Change
	for _, m := range lockfile.Moves(only(p.old), only(p.plan.Lock)) {
		c := Change{Move: m}
		if t := byEntry[string(m.Kind)+" "+m.Name]; t != nil {
			c.Places = t.where()
			if m.Old != "" && !t.update && m.Reason != lockfile.TagEdited {
				c.Reason = lockfile.KeptPin
			}
			c.Commits = t.commits
		}
		out = append(out, c)
	}
	return out
}
