package resolver

import (
	"cmp"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
)

// finish turns what is known of the targets into edits, a lock and a report.
func (p *planner) finish(targets []*target) {
	next := &lockfile.Lock{}
	for _, t := range targets {
		if t.leader != nil {
			t.follow()
		}
		if t.err != nil {
			p.plan.Failures = append(p.plan.Failures, Failure{Kind: t.kind, Name: t.name, Err: t.err,
				Places: t.where(), Digest: t.want.Digest})
			t.entry, t.next, t.leader = t.old, "", nil
		}
		if t.entry != nil && t.leader == nil {
			next.Entries = append(next.Entries, *t.entry)
		}
		if t.next != "" && t.old != nil && (p.blind || t.spared) {
			next.Entries = append(next.Entries, *t.old) // some place may still have it
		}
		if t.err == nil && t.entry != nil && t.touched {
			p.edit(t)
			p.lacking(t)
		}
	}
	next.Entries = append(next.Entries, p.unseen(targets)...)
	next.Entries = append(next.Entries, p.finishSources()...)
	next.Sort()
	p.plan.Lock = next
	p.plan.Still = p.still(targets)
	p.report(targets)
	sortProblems(p.plan.Problems)
	sortProblems(p.plan.Notes)
	sortProblems(p.plan.Conflicts)
	sortProblems(p.plan.Stale)
}

// follow takes over what became of the leader.
func (t *target) follow() {
	t.entry, t.err = t.leader.entry, t.leader.err
	if t.leader.denied && t.err == nil { // reported for the leader
		t.entry, t.next, t.leader, t.denied = t.old, "", nil, true
	}
}

// lacking reports the places of an image that lacks a platform of plumb.yaml.
func (p *planner) lacking(t *target) {
	for _, platform := range verify.Lacks(*t.entry, p.demanded) {
		message := verify.LacksMessage(platform)
		for _, r := range t.places {
			if p.within(r) {
				p.problem(placeOf(r), r.Reference, message, verify.LacksFix)
			}
		}
		for _, i := range t.images {
			p.problem(i.Place, i.Name, message, verify.LacksFix)
		}
	}
}

// unseen are the lock's entries that stay although no reference to them was found. A
// file that could not be read may refer to them. Out of reach, another tag of the
// repository may have replaced them, which the run that reaches it reports.
func (p *planner) unseen(targets []*target) []lockfile.Entry {
	awaited := map[string]bool{}
	for _, t := range targets {
		if !t.touched && t.entry == nil && len(t.places) > 0 {
			awaited[string(t.kind)+" "+repository(t.name)] = true
		}
	}
	// By these the next run knows again that a digest was left behind.
	inQuestion := map[string]bool{}
	for _, t := range targets {
		if t.stale != nil && t.entry == nil {
			inQuestion[string(t.kind)+" "+t.stale.Name] = true
		}
	}
	gone := taken(targets)
	var out []lockfile.Entry
	for _, e := range p.old.Entries {
		if e.Kind.IsSource() {
			continue
		}
		key := string(e.Kind) + " " + e.Name
		seen := p.targets[key] != nil || gone[key]
		if !seen && (p.blind || inQuestion[key] || awaited[string(e.Kind)+" "+repository(e.Name)]) {
			out = append(out, e)
		}
	}
	return out
}

// edit plans the edits that pin every place of t within reach.
func (p *planner) edit(t *target) {
	if t.next != "" {
		p.retag(t)
		return
	}
	if len(t.digests) > 1 && t.query == nothing {
		return // the places disagree, which disagree has reported
	}
	for _, r := range t.places {
		if r.Digest == t.entry.Digest || !p.within(r) {
			continue
		}
		if t.denied && r.Digest != "" {
			continue // a pin that is there does not move back either
		}
		if !r.Editable {
			if r.Digest != "" {
				p.problem(placeOf(r), r.Reference,
					"is pinned to another digest and cannot be edited: "+r.Why,
					"write "+t.entry.Digest+" there by hand")
			}
			continue
		}
		edits, err := r.Pin(t.entry.Digest, p.Style)
		if err != nil {
			p.problem(placeOf(r), r.Reference, err.Error(), "")
			continue
		}
		p.plan.Edits[r.File] = append(p.plan.Edits[r.File], edits...)
		p.noteTag(r)
	}
}

// noteTag notes that a reference keeps its tag although plumb.yaml asks for digests alone.
func (p *planner) noteTag(r *manifest.Reference) {
	if r.KeepsTag(p.Style) {
		p.note(placeOf(r), r.Reference, "keeps its tag beside the digest, although plumb.yaml "+
			"says pin: digest: the tag has a field of its own here")
	}
}

// report lists the changes of the lock with their reasons.
func (p *planner) report(targets []*target) {
	byName := map[string]*target{}
	for _, t := range targets {
		byName[string(t.kind)+" "+t.name] = t
	}
	moved := taken(targets)
	changes := slices.DeleteFunc(lockfile.Diff(p.old, p.plan.Lock), func(c lockfile.Change) bool {
		e := cmp.Or(c.New, c.Old)
		return e.Kind.IsSource() || moved[string(e.Kind)+" "+e.Name]
	})
	p.plan.Changes = p.advanced(targets)
	dropped := map[string][]lockfile.Entry{} // by kind and repository
	for _, c := range changes {
		if c.New == nil {
			k := string(c.Old.Kind) + " " + repository(c.Old.Name)
			dropped[k] = append(dropped[k], *c.Old)
		}
	}
	for _, c := range changes {
		p.plan.Changes = append(p.plan.Changes, p.change(c, byName, dropped))
	}
	p.plan.Changes = append(p.plan.Changes, p.sourceChanges()...)
	slices.SortStableFunc(p.plan.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
}

// change is what became of one entry. byName are the targets, and dropped the entries
// that the lock loses, both by kind and name or repository.
func (p *planner) change(
	c lockfile.Change, byName map[string]*target, dropped map[string][]lockfile.Entry,
) Change {
	if c.New == nil {
		return Change{Move: lockfile.Move{
			Kind: c.Old.Kind, Name: c.Old.Name, Old: c.Old.Digest, Reason: lockfile.Dropped}}
	}
	out := Change{Move: lockfile.Move{
		Kind: c.New.Kind, Name: c.New.Name, New: c.New.Digest, Reason: lockfile.Added}}
	t := byName[string(out.Kind)+" "+out.Name]
	if t != nil {
		out.Places = t.where()
	}
	switch gone := dropped[string(out.Kind)+" "+repository(out.Name)]; {
	case c.Old != nil:
		out.Old, out.Reason = c.Old.Digest, p.why(c, t)
	case p.disputed(out):
		out.Reason = lockfile.MergedPins
	case t != nil && t.update && len(t.digests) == 1 && t.digests[0] != out.New:
		out.Old, out.Reason = t.digests[0], lockfile.Moved
	default:
		tookOver(&out, gone, t != nil && len(t.digests) == 1)
		if out.Reason == lockfile.StaleTag && t.stale != nil {
			out.Reason = lockfile.TagEdited // to one that means the digest as well
		}
	}
	return out
}

// why is the reason for which an entry changes that the lock has already.
func (p *planner) why(c lockfile.Change, t *target) lockfile.Reason {
	switch {
	case c.Old.Digest == c.New.Digest && slices.Equal(c.Old.Platforms, c.New.Platforms):
		return lockfile.Proven
	case c.Old.Digest == c.New.Digest:
		return lockfile.Completed
	case t != nil && t.update:
		return lockfile.Moved
	default:
		return lockfile.KeptPin
	}
}

// disputed reports whether a merge left two pins for a name.
func (p *planner) disputed(c Change) bool {
	return slices.ContainsFunc(p.Known, func(e lockfile.Entry) bool {
		return e.Kind == c.Kind && e.Name == c.Name
	})
}

// tookOver finds the name that a new one replaced, among those of its repository that
// are gone: the one with the digest that was left behind, or the only one.
func tookOver(c *Change, gone []lockfile.Entry, pinned bool) {
	for _, e := range gone {
		if pinned && e.Digest == c.New {
			c.From, c.Old, c.Reason = e.Name, e.Digest, lockfile.StaleTag
			return
		}
	}
	if len(gone) == 1 {
		c.From, c.Old, c.Reason = gone[0].Name, gone[0].Digest, lockfile.TagEdited
	}
}

func sortProblems(problems []Problem) {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(comparePlaces(a.Place, b.Place), cmp.Compare(a.Message, b.Message))
	})
}

// Empty reports whether the plan would write nothing, given the lock's text.
func (p *Plan) Empty(lock []byte) bool {
	return len(p.Edits) == 0 && string(p.LockText(lock)) == string(lock)
}

// LockText is the text that plumb.lock gets, given the text that it has (nil if there
// is none). A lock without entries is not created.
func (p *Plan) LockText(lock []byte) []byte {
	if lock == nil && len(p.Lock.Entries) == 0 {
		return nil
	}
	return p.Lock.Format()
}

// Rewrite returns the text of a file with the plan's edits applied.
func (p *Plan) Rewrite(file string, src []byte) ([]byte, error) {
	return manifest.Apply(src, p.Edits[file])
}
