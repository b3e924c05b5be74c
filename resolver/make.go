package resolver

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// target is a tracked name with all the places that refer to it.
type target struct {
	kind    lockfile.Kind
	name    string
	places  []*manifest.Reference // sorted by place
	digests []string              // that the places carry, sorted, each once
	update  bool                  // its pin may move
	images  []Image               // of Options.Images that have the name
	touched bool                  // some place may be edited
	denied  bool                  // policies do not accept what it would be pinned to
	spared  bool                  // some place is excepted

	old   *lockfile.Entry // the lock's entry
	ask   ask
	want  oci.Name // what to ask for
	entry *lockfile.Entry
	err   error

	next   string  // the tracked name that it becomes, "" if it stays
	leader *target // the one whose entry it takes over, if it is to become the same
}

// ask is what a target needs from its registry.
type ask uint8

const (
	nothing ask = iota
	content     // the content of want
	moved       // the content of want, if it is no longer the lock's
)

func (t *target) written() []string {
	var out []string
	for _, r := range t.places {
		out = append(out, r.Reference)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (t *target) where() []Place {
	out := make([]Place, 0, len(t.places)+len(t.images))
	for _, r := range t.places {
		out = append(out, placeOf(r))
	}
	for _, i := range t.images {
		out = append(out, i.Place)
	}
	return out
}

func placeOf(r *manifest.Reference) Place { return Place{r.File, r.Line, r.Column} }

// planner builds one Plan.
type planner struct {
	Options
	old      *lockfile.Lock
	byDigest map[string][]lockfile.Entry // old's entries and those known besides
	targets  map[string]*target
	plan     *Plan
	blind    bool     // some file could not be read
	demanded []string // platforms that every image must have

	mu sync.Mutex // of what many goroutines write: plan, in proven
}

// Make plans how files and the lock come to agree. old may be nil. What a
// registry refuses is among the plan's Failures, and so is what was not asked when
// ctx's deadline came, with its cause. An error is that of a ctx that was
// cancelled.
func Make(ctx context.Context, files []manifest.File, old *lockfile.Lock, reg Registry, o Options) (*Plan, error) {
	if old == nil {
		old = &lockfile.Lock{}
	}
	p := &planner{Options: o, old: old, targets: map[string]*target{}, plan: &Plan{Edits: map[string][]manifest.Edit{}}, demanded: o.Platforms}
	if o.Platforms == nil {
		p.Platforms = DefaultPlatforms
	}
	p.byDigest = (&lockfile.Lock{Entries: slices.Concat(old.Entries, o.Known)}).ByDigest()
	p.gather(files)
	targets := p.sorted()
	for _, t := range targets {
		if p.decide(t); t.ask != nothing {
			p.plan.Asked++
		}
	}
	p.advance(ctx, targets, reg)
	p.resolve(ctx, targets, reg)
	if err := cancelled(ctx); err != nil {
		return nil, err
	}
	p.finish(targets)
	return p.plan, nil
}

// gather groups references by what they track.
func (p *planner) gather(files []manifest.File) {
	for i := range files {
		p.blind = p.blind || files[i].Unreadable != nil
		for j := range files[i].References {
			p.reference(&files[i].References[j])
		}
	}
	for _, i := range p.Images {
		if i.Locked {
			t := p.target(lockfile.Image, i.Name)
			t.images, t.touched = append(t.images, i), true
		}
	}
}

func (p *planner) reference(r *manifest.Reference) {
	if r.Inherits {
		return
	}
	if p.Excepted != nil && p.Excepted(r.File, r.Reference, r.Tracked) {
		// Neither pinned nor asked for; but what is locked stays, for the day
		// on which the exception ends.
		if name := p.tracked(r); name != "" {
			p.target(r.Input, name).spared = true
		}
		return
	}
	within := p.Within == nil || p.Within(r.File)
	switch {
	case r.Tracked == "":
		p.problem(r, within, "cannot be pinned: "+r.Why, "write a name that plumb can pin, or name it under exceptions in plumb.yaml")
		return
	case r.Digest != "" && !lockfile.ValidDigest(r.Digest):
		p.problem(r, within, "is pinned by a digest that a lock does not hold: only sha256 is", "write its sha256 digest instead")
		return
	case r.Digest == "" && !r.Editable:
		p.problem(r, within, "cannot be pinned in place: "+r.Why, "pin it by hand, or name it under exceptions in plumb.yaml")
	}
	t := p.target(r.Input, p.tracked(r))
	t.places = append(t.places, r)
	t.touched = t.touched || within && (r.Editable || r.Digest != "")
}

func (p *planner) problem(r *manifest.Reference, within bool, message, fix string) {
	if within {
		p.plan.Problems = append(p.plan.Problems, Problem{Place: placeOf(r), Reference: r.Reference, Message: message, Fix: fix})
	}
}

// tracked is the name that a reference follows. One that is only a digest
// follows the entry that pinned it, if there is one.
func (p *planner) tracked(r *manifest.Reference) string {
	repo, digest, only := strings.Cut(r.Tracked, "@")
	if !only {
		return r.Tracked
	}
	if _, ok := p.old.Find(r.Input, r.Tracked); ok {
		return r.Tracked
	}
	for _, e := range p.byDigest[digest] {
		if e.Kind == r.Input && repository(e.Name) == repo {
			return e.Name
		}
	}
	return r.Tracked
}

// repository is a tracked name without its tag or digest.
func repository(tracked string) string {
	if repo, _, ok := strings.Cut(tracked, "@"); ok {
		return repo
	}
	if i := strings.LastIndexByte(tracked, ':'); i > strings.LastIndexByte(tracked, '/') {
		return tracked[:i]
	}
	return tracked
}

func (p *planner) target(kind lockfile.Kind, name string) *target {
	key := string(kind) + " " + name
	t := p.targets[key]
	if t == nil {
		t = &target{kind: kind, name: name}
		if e, ok := p.old.Find(kind, name); ok {
			t.old = &e
		}
		p.targets[key] = t
	}
	return t
}

func (p *planner) sorted() []*target {
	out := make([]*target, 0, len(p.targets))
	for _, t := range p.targets {
		slices.SortFunc(t.places, func(a, b *manifest.Reference) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		for _, r := range t.places {
			if r.Digest != "" {
				t.digests = append(t.digests, r.Digest)
			}
		}
		slices.Sort(t.digests)
		t.digests = slices.Compact(t.digests)
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *target) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
	return out
}
