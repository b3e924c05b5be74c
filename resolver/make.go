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
	stale *lockfile.Entry // one of another tag that has the digest, where the tag is in question
	query query
	want  oci.Name // what to query
	entry *lockfile.Entry
	err   error

	next   string  // the tracked name that it becomes, "" if it stays
	leader *target // the target that becomes the same name first, and gives it its entry
}

// query is what a target needs from its registry.
type query uint8

const (
	nothing query = iota
	content       // the content of want
	moved         // the content of want, if it is no longer the lock's
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

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column))
}

// planner builds one Plan.
type planner struct {
	Options
	old      *lockfile.Lock
	byDigest map[string][]lockfile.Entry // old's entries and those known besides
	targets  map[string]*target
	sources  map[sourceKey]*sourceTarget
	plan     *Plan
	blind    bool     // some file could not be read
	demanded []string // platforms that every image must have

	mu sync.Mutex // of what many goroutines write: plan, in proven
}

// Make plans how to bring files and the lock into agreement. old may be nil. What a
// registry refuses is among the plan's Failures, and so is what was not queried when
// ctx's deadline came, with its cause. The error is that of a ctx that was cancelled.
func Make(
	ctx context.Context, files []manifest.File, old *lockfile.Lock, reg Registry, o Options,
) (*Plan, error) {
	if old == nil {
		old = &lockfile.Lock{}
	}
	p := &planner{Options: o, old: old, targets: map[string]*target{}, demanded: o.Platforms,
		plan: &Plan{Edits: map[string][]manifest.Edit{}}}
	if o.Platforms == nil {
		p.Platforms = DefaultPlatforms
	}
	p.byDigest = (&lockfile.Lock{Entries: slices.Concat(old.Entries, o.Known)}).ByDigest()
	p.gather(files)
	targets := p.sorted()
	for _, t := range targets {
		if p.decide(t); t.query != nothing {
			p.plan.Queried++
		}
	}
	p.advance(ctx, targets, reg)
	p.resolve(ctx, targets, reg)
	p.resolveSources(ctx)
	if err := cancelled(ctx); err != nil {
		return nil, err
	}
	p.finish(targets)
	return p.plan, nil
}

// gather groups references by what they track.
func (p *planner) gather(files []manifest.File) {
	for i := range files {
		p.blind = p.blind || files[i].Hides()
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
	if r.Source != nil {
		p.gatherSource(r)
		return
	}
	if p.Excepted != nil && p.Excepted(r.File, r.Reference, r.Tracked) {
		// Neither pinned nor queried; but what is locked stays, for the time after the
		// exception.
		if name := p.tracked(r); name != "" {
			p.target(r.Input, name).spared = true
		}
		return
	}
	within := p.within(r)
	report := func(message, fix string) {
		if within {
			p.problem(placeOf(r), r.Reference, message, fix)
		}
	}
	switch {
	case r.Tracked == "":
		report("cannot be pinned: "+r.Why,
			"write a name that plumb can pin, or name it under exceptions in plumb.yaml")
		return
	case r.Digest != "" && !lockfile.ValidDigest(r.Digest):
		report("is pinned by a digest that a lock does not hold: only sha256 is",
			"write its sha256 digest instead")
		return
	case r.Digest == "" && !r.Editable:
		report("cannot be pinned in place: "+r.Why,
			"pin it by hand, or name it under exceptions in plumb.yaml")
	}
	t := p.target(r.Input, p.tracked(r))
	t.places = append(t.places, r)
	t.touched = t.touched || within && (r.Editable || r.Digest != "")
}

// within reports whether the file of a reference may be edited.
func (p *planner) within(r *manifest.Reference) bool {
	return p.Within == nil || p.Within(r.File)
}

// tracked is the name that a reference follows. A reference by digest alone
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
			return comparePlaces(placeOf(a), placeOf(b))
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
	slices.SortFunc(out, func(a, b *target) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	return out
}
