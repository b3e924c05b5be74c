package resolver

import (
	"context"
	"errors"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/version"
)

// becomes is the tracked name that t has once the plan is written.
func (t *target) becomes() string {
	if t.next != "" {
		return t.next
	}
	return t.name
}

// ranges are the ranges in which tracked names move.
type ranges struct{ byName, byRepository map[string]version.Range }

// newRanges sorts the ranges that plumb.yaml gives. The range of a name overrides
// that of its repository.
func newRanges(images []Image) ranges {
	r := ranges{map[string]version.Range{}, map[string]version.Range{}}
	for _, i := range images {
		switch {
		case i.Range.IsZero():
		case repository(i.Name) == i.Name:
			r.byRepository[i.Name] = i.Range
		default:
			r.byName[i.Name] = i.Range
		}
	}
	return r
}

// of returns the range of a tracked name.
func (r ranges) of(name string) (version.Range, bool) {
	if own, ok := r.byName[name]; ok {
		return own, true
	}
	rang, ok := r.byRepository[repository(name)]
	return rang, ok
}

// follower is a target that moves in a range.
type follower struct {
	*target
	rang version.Range
	name oci.Name
}

// advance gives every name that has a range, and a pin that may move, the newest tag
// in the range. It reports what keeps a name at its tag; such a name is then treated
// like one without a range.
func (p *planner) advance(ctx context.Context, targets []*target, reg Registry) {
	var followers []follower
	var repos []oci.Name
	ranges := newRanges(p.Images)
	for _, t := range targets {
		rang, ok := ranges.of(t.name)
		if !ok || !t.update || !p.free(t, rang) {
			continue
		}
		followers = append(followers, follower{t, rang, t.want})
		repos = append(repos, oci.Name{Host: t.want.Host, Repository: t.want.Repository})
	}
	lists := listTags(ctx, reg, repos, p.Progress)
	for _, f := range followers {
		list := lists[f.name.Repo()]
		if f.err = list.err; f.err == nil {
			p.choose(f, list.tags)
		}
	}
	p.lead(targets)
}

// free reports whether t can follow a range, and notes why if it cannot.
func (p *planner) free(t *target, rang version.Range) bool {
	for _, r := range t.places {
		if r.Policy != "" {
			p.note(placeOf(r), r.Reference, "is not moved in the range "+rang.String()+
				": its tag is set by Flux's ImagePolicy "+r.Policy)
			return false
		}
	}
	if _, ok := version.Parse(t.want.Tag); !ok {
		err := &version.NotComparableError{Tag: t.want.Tag, Range: rang.String()}
		p.note(t.first(), t.name, err.Error())
		return false
	}
	return true
}

// first is the place that messages about t as a whole name.
func (t *target) first() Place {
	if where := t.where(); len(where) > 0 {
		return where[0]
	}
	return Place{}
}

func (p *planner) note(at Place, reference, message string) {
	p.plan.Notes = append(p.plan.Notes, Problem{Place: at, Reference: reference, Message: message})
}

func (p *planner) problem(at Place, reference, message, fix string) {
	p.plan.Problems = append(p.plan.Problems,
		Problem{Place: at, Reference: reference, Message: message, Fix: fix})
}

// choose moves f to the newest of its repository's tags, if that can be written to
// every place of f.
func (p *planner) choose(f follower, tags []string) {
	tag, err := f.rang.Newest(f.name.Tag, tags)
	var none *version.NoneError
	switch {
	case errors.As(err, &none):
		p.problem(f.first(), f.target.name, none.Error(),
			"give it another range in plumb.yaml, or take track out")
		return
	case err != nil:
		return
	case tag == f.name.Tag:
		if err := f.rang.Stays(tag, tags); err != nil {
			p.note(f.first(), f.target.name, err.Error())
		}
		return
	case !p.wholly(f.target, tag):
		return
	}
	want := oci.Name{Host: f.name.Host, Repository: f.name.Repository, Tag: tag}
	f.next, f.query, f.want = want.Tracked(), content, want
}

// wholly reports whether a tag can be written to every place of t, and reports the
// places where it cannot: a name moves as a whole or not at all.
func (p *planner) wholly(t *target, tag string) bool {
	ok := true
	for _, r := range t.places {
		why := r.TagFixed()
		if why == "" && !p.within(r) {
			why = "it is out of reach of this command"
		}
		if why != "" {
			ok = false
			p.problem(placeOf(r), r.Reference, "cannot be moved to the tag "+tag+": "+why,
				"write the tag there by hand, then: plumb lock update "+t.name)
		}
	}
	for _, i := range t.images {
		if i.TagStart == i.TagEnd {
			ok = false
			p.problem(i.Place, i.Name, "cannot be moved to the tag "+tag+
				": it is written in a form that cannot be edited safely", "write the tag there by hand")
		}
	}
	return ok
}

// still lists the names that were to be updated, that have no range, and whose tag means
// what it did because it is of one build.
func (p *planner) still(targets []*target) []string {
	ranges := newRanges(p.Images)
	var out []string
	for _, t := range targets {
		_, follows := ranges.of(t.name)
		stays := t.err == nil && t.old != nil && t.entry != nil && t.entry.Digest == t.old.Digest
		if t.update && stays && !follows && version.OneBuild(t.want.Tag) {
			out = append(out, t.name)
		}
	}
	return out
}

// lead finds the names that become the same name, so that they get one pin: that of
// the name that has the tag already, else that of the first.
func (p *planner) lead(targets []*target) {
	leaders := map[string]*target{}
	for _, t := range targets {
		if t.next == "" {
			continue
		}
		key := string(t.kind) + " " + t.next
		leader := leaders[key]
		stays := p.targets[key]
		if stays != nil && stays.next == "" && (stays.touched || stays.old != nil) {
			leader = stays
		}
		if leader == nil {
			leaders[key] = t
			continue
		}
		t.leader, t.query = leader, nothing
	}
}

// retag plans the edits that give every place of t its new tag and pin.
func (p *planner) retag(t *target) {
	n, err := oci.Parse(t.next)
	if err != nil {
		return // cannot be: next was made from a name
	}
	for _, r := range t.places {
		edits, err := r.Retag(n.Tag, t.entry.Digest, p.Style)
		if err != nil {
			p.problem(placeOf(r), r.Reference, err.Error(), "")
			continue
		}
		p.plan.Edits[r.File] = append(p.plan.Edits[r.File], edits...)
		p.noteTag(r)
	}
	for _, i := range t.images {
		old := i.Name[len(repository(i.Name))+1:]
		p.plan.Edits[i.File] = append(p.plan.Edits[i.File],
			manifest.Edit{Start: i.TagStart, End: i.TagEnd, Old: old, New: n.Tag})
	}
}

// advanced are the changes of the names that moved to another tag.
func (p *planner) advanced(targets []*target) []Change {
	var out []Change
	for _, t := range targets {
		if t.next == "" {
			continue
		}
		c := Change{Places: t.where(), Move: lockfile.Move{
			Kind: t.kind, Name: t.next, From: t.name, New: t.entry.Digest, Reason: lockfile.TagMoved}}
		if t.old != nil {
			c.Old = t.old.Digest
		} else if len(t.digests) == 1 {
			c.Old = t.digests[0]
		}
		out = append(out, c)
	}
	return out
}

// taken are the names, by kind, that have become other names or that other names have
// become: advanced reports the changes of their entries.
func taken(targets []*target) map[string]bool {
	out := map[string]bool{}
	for _, t := range targets {
		if t.next != "" {
			out[string(t.kind)+" "+t.name] = true
			out[string(t.kind)+" "+t.next] = t.leader == nil || t.leader.next != ""
		}
	}
	return out
}
