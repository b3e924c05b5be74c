package resolver

import (
	"cmp"
	"context"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/fetch"
	"github.com/plumb-dev/plumb/resolver/gitref"
)

// Sources resolve what is neither image nor artifact. Each asks a repository, an index, an
// archive and a URL once, for as long as it lives.
type Sources struct {
	Git    *gitref.Client
	Charts *chart.Client
	Files  *fetch.Client
}

// sourcePlace is a place that follows a source. A URL that leads into a git repository is a
// place of both.
type sourcePlace struct {
	*manifest.Reference
	source *manifest.Source
}

// sourceTarget is a source that is followed, with all the places that follow it.
type sourceTarget struct {
	kind    lockfile.Kind
	name    string // tracked
	source  *manifest.Source
	places  []sourcePlace
	pins    []string // that the places carry, sorted, each once
	touched bool     // some place may be edited
	update  bool     // its pin may move
	spared  bool     // some place is excepted

	old   *lockfile.Entry
	git   *sourceTarget // the repository that a URL leads into
	entry *lockfile.Entry
	err   error
	tag   string // of a release that was chosen
	// commits is by how many a git source has moved, 0 if that is not known.
	commits int
	fixed   string // why the places are not edited, although they could be
}

// sourceKey tells sources apart that are resolved for themselves.
type sourceKey struct {
	kind          lockfile.Kind
	name, follows string
}

// gatherSource adds a reference to what it follows.
func (p *planner) gatherSource(r *manifest.Reference) {
	s := r.Source
	if s.Repo || p.Own != nil && p.Own(s) {
		return
	}
	if s.Holder == manifest.ByTree || s.Fault != "" {
		// What the tree has is compared with what the lock has of it, if anything.
		if _, locked := s.Entry(p.old, r.Input); locked {
			p.sourceTarget(r.Input, s).spared = true
		}
		return
	}
	if p.Excepted != nil && p.Excepted(r.File, r.Reference, r.Tracked) {
		if s.URL != "" {
			p.sourceTarget(r.Input, s).spared = true
		}
		return
	}
	if s.URL == "" {
		if p.within(r) {
			p.problem(placeOf(r), r.Reference, "cannot be locked: "+r.Why,
				"say where it comes from, or name it under exceptions in plumb.yaml")
		}
		return
	}
	t := p.sourceTarget(r.Input, s)
	t.add(r, s, p.within(r))
	if git := s.GitSource(); git != nil {
		t.git = p.sourceTarget(lockfile.Git, git)
		t.git.add(r, git, p.within(r))
	}
}

func (t *sourceTarget) add(r *manifest.Reference, s *manifest.Source, within bool) {
	t.places = append(t.places, sourcePlace{r, s})
	t.touched = t.touched || within
	if s.Pin != "" && !slices.Contains(t.pins, s.Pin) {
		t.pins = append(t.pins, s.Pin)
		slices.Sort(t.pins)
	}
}

// sourceTarget is that of a source. One that carries a commit and no name beside it follows
// what the lock has the commit for.
func (p *planner) sourceTarget(kind lockfile.Kind, s *manifest.Source) *sourceTarget {
	old, locked := s.Entry(p.old, kind)
	follows := s.LockFollows()[0]
	if locked {
		follows = old.Follows()
	}
	key := sourceKey{kind, s.LockName(), follows}
	t := p.sources[key]
	if t == nil {
		t = &sourceTarget{kind: kind, name: sourceName(s, kind, old, locked), source: s}
		if locked {
			t.old = &old
		}
		if p.sources == nil {
			p.sources = map[sourceKey]*sourceTarget{}
		}
		p.sources[key] = t
	}
	if t.source.Form == manifest.Commit && s.Form != manifest.Commit {
		t.source = s // which says more
	}
	return t
}

// sourceName is the tracked name of a source.
func sourceName(
	s *manifest.Source, kind lockfile.Kind, old lockfile.Entry, locked bool,
) string {
	if locked {
		return old.Tracked()
	}
	e := lockfile.Entry{Kind: kind, Name: s.LockName(), Ref: s.Follows, Version: s.Follows}
	if kind == lockfile.URL {
		return e.Name
	}
	e.Range = cmp.Or(s.Follows, s.LockFollows()[0])
	return e.Tracked()
}

func (t *sourceTarget) where() []Place {
	out := make([]Place, len(t.places))
	for i, r := range t.places {
		out[i] = placeOf(r.Reference)
	}
	slices.SortFunc(out, comparePlaces)
	return slices.Compact(out)
}

func (t *sourceTarget) written() []string {
	var out []string
	for _, r := range t.places {
		out = append(out, r.Reference.Reference)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// resolveSources decides what each source is pinned to, and asks for what is not known. URLs
// come last, since what they lead to may be the commit that their repository is pinned to.
func (p *planner) resolveSources(ctx context.Context) {
	var first, urls []*sourceTarget
	for _, t := range p.sortedSources() {
		if p.decideSource(t) {
			p.plan.Queried++
			if t.kind == lockfile.URL {
				urls = append(urls, t)
			} else {
				first = append(first, t)
			}
		}
	}
	host := func(t *sourceTarget) string { return hostOf(t.source.URL) }
	for _, phase := range [][]*sourceTarget{first, urls} {
		queryAll(phase, host, p.Progress, func(t *sourceTarget) {
			if t.err = context.Cause(ctx); t.err == nil {
				t.err = p.resolveSource(ctx, t)
			}
			if t.err != nil && ctx.Err() != nil {
				t.err = context.Cause(ctx)
			}
		})
	}
}

// sortedSources are the sources in order.
func (p *planner) sortedSources() []*sourceTarget {
	out := make([]*sourceTarget, 0, len(p.sources))
	for _, t := range p.sources {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *sourceTarget) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name),
			cmp.Compare(a.source.Form, b.source.Form))
	})
	return out
}

// decideSource settles what a source is pinned to, and reports whether that has to be asked
// for.
func (p *planner) decideSource(t *sourceTarget) bool {
	if !t.touched {
		t.entry = t.old
		return false
	}
	t.update = p.Update != nil && p.Update(Tracked{t.kind, t.name, t.written()})
	switch {
	case t.update:
		return true
	case len(t.pins) > 1:
		p.disagreeSource(t)
		return false
	case t.old != nil && (len(t.pins) == 0 || t.carried(*t.old)):
		t.entry = t.old
		return false
	}
	return true
}

// carried reports whether all places of t that carry a pin have that of an entry.
func (t *sourceTarget) carried(e lockfile.Entry) bool {
	for _, r := range t.places {
		if r.source.Pin != "" && !r.source.Agrees(e) {
			return false
		}
	}
	return true
}

// disagreeSource reports that the places of a source carry different pins.
func (p *planner) disagreeSource(t *sourceTarget) {
	t.entry = t.old
	problem := Problem{Place: t.where()[0], Reference: t.name,
		Message: "is pinned to different content",
		Fix:     "to pin every place to what the name means now: plumb lock update " + t.name}
	for _, pin := range t.pins {
		at := Pin{Digest: pin}
		for _, r := range t.places {
			if r.source.Pin == pin {
				at.Places = append(at.Places, placeOf(r.Reference))
			}
		}
		problem.Pins = append(problem.Pins, at)
	}
	p.plan.Conflicts = append(p.plan.Conflicts, problem)
}

// resolveSource asks for what a source means.
func (p *planner) resolveSource(ctx context.Context, t *sourceTarget) error {
	switch t.kind {
	case lockfile.Git:
		return p.resolveGit(ctx, t)
	case lockfile.Chart:
		return p.resolveChart(ctx, t)
	}
	return p.resolveURL(ctx, t)
}
