package resolver

import (
	"context"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// outdatedSources queries, for each git source and chart of a lock root that the lock has,
// what its name means now: the commit of its ref, the newest version in its range. What a
// version or a URL is now only verify --online looks at.
func outdatedSources(
	ctx context.Context, r *lockroot.Root, l *lockfile.Lock, o OutdatedOptions, out *OutdatedNames,
) error {
	p := &planner{Options: Options{Sources: o.Sources, Own: OwnIn(r), Progress: o.Progress}, old: l,
		plan: &Plan{}}
	for i := range r.Files {
		for j := range r.Files[i].References {
			if ref := &r.Files[i].References[j]; ref.Source != nil {
				p.gatherSource(ref)
			}
		}
	}
	var targets []*sourceTarget
	for _, t := range p.sortedSources() {
		if t.old == nil || t.kind == lockfile.URL || t.kind == lockfile.Chart && t.old.Range == "" ||
			o.Match != nil && !o.Match(Tracked{t.kind, t.name, t.written()}) {
			continue
		}
		t.update = true
		targets = append(targets, t)
	}
	host := func(t *sourceTarget) string { return hostOf(t.source.URL) }
	queryAll(targets, host, o.Progress, func(t *sourceTarget) {
		if t.err = context.Cause(ctx); t.err == nil {
			t.err = p.newest(ctx, t)
		}
		if t.err != nil && ctx.Err() != nil {
			t.err = context.Cause(ctx)
		}
	})
	if err := cancelled(ctx); err != nil {
		return err
	}
	for _, t := range targets {
		out.addSource(t)
	}
	return nil
}

// newest finds what a source means now, without reading its content.
func (p *planner) newest(ctx context.Context, t *sourceTarget) error {
	if t.kind == lockfile.Git {
		if t.source.Form == manifest.Commit && lockfile.ValidCommit(t.old.Ref) {
			t.entry = t.old // it follows nothing that could move
			return nil
		}
		return p.resolveGit(ctx, t)
	}
	v, err := p.chartVersion(ctx, t)
	if err != nil {
		return err
	}
	e := *t.old
	if e.Version != v.Version {
		e.Version, e.Digest = v.Version, v.Digest
	}
	t.entry = &e
	return nil
}

// addSource adds what came of a source.
func (out *OutdatedNames) addSource(t *sourceTarget) {
	switch {
	case t.err != nil:
		out.Failures = append(out.Failures, Failure{Kind: t.kind, Name: t.name, Err: t.err,
			Places: t.where()})
	case t.entry.Pin() != t.old.Pin() || t.entry.Label() != t.old.Label():
		o := Outdated{Kind: t.kind, Name: t.name, Old: t.old.Pin(), New: t.entry.Pin(),
			Range: t.old.Range}
		if t.entry.Label() != t.old.Label() {
			o.Tag = t.entry.Label()
		}
		out.Outdated = append(out.Outdated, o)
	}
}
