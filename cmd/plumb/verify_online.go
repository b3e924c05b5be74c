package main

import (
	"context"
	"time"

	"github.com/plumb-dev/plumb/cmd/internal/planreport"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/report"
)

// queryPins queries whether what the paths of r are pinned to still exists, and returns
// of how many pins.
func (o *verifyOptions) queryPins(
	ctx context.Context, r *lockroot.Root, out *report.Report, failures *planreport.Failures,
) (int, error) {
	all := evidence.InputOf(r, time.Now())
	all.Self = o.own(r)
	uses := verify.Used(all.Within(r.Covers))
	if len(uses) == 0 {
		return 0, nil
	}
	byName := map[string]verify.Use{}
	for _, u := range uses {
		byName[string(u.Entry.Kind)+" "+u.Entry.Tracked()] = u
	}
	progress := o.Progress("querying")
	pinned, err := o.query(ctx, r, uses, progress.Query)
	progress.Done()
	if err != nil {
		return 0, err
	}
	for _, f := range pinned.Gone {
		for _, finding := range byName[string(f.Kind)+" "+f.Name].Gone(f.Err.Error()) {
			out.Findings = append(out.Findings, o.shown(r, finding))
		}
	}
	for _, f := range pinned.Wrong {
		for _, finding := range byName[string(f.Kind)+" "+f.Name].Wrong(f.Err.Error()) {
			out.Findings = append(out.Findings, o.shown(r, finding))
		}
	}
	for _, f := range pinned.Failures {
		var places []report.Place
		for _, ref := range byName[string(f.Kind)+" "+f.Name].References {
			file := ref.File
			if file != stdinName {
				file = o.Placed(r.Dir, file)
			}
			places = append(places, report.Place{File: file, Line: ref.Line, Column: ref.Column,
				Object: report.ObjectOf(*ref)})
		}
		failures.Add(f, places)
	}
	return len(uses), nil
}

// query queries registries, repositories and servers for what entries of r are pinned to.
func (o *verifyOptions) query(
	ctx context.Context, r *lockroot.Root, uses []verify.Use, progress resolver.Progress,
) (resolver.Pins, error) {
	reg, err := o.registries.For(r)
	if err != nil {
		return resolver.Pins{}, err
	}
	sources, err := o.registries.Sources(r)
	if err != nil {
		return resolver.Pins{}, err
	}
	var entries []lockfile.Entry
	var followed []resolver.SourceUse
	for _, u := range uses {
		if s := u.Source(); s != nil {
			followed = append(followed, resolver.SourceUse{Entry: u.Entry, Source: s})
		} else {
			entries = append(entries, u.Entry)
		}
	}
	images, err := resolver.CheckPins(ctx, entries, reg, progress)
	if err != nil {
		return images, err
	}
	rest, err := resolver.CheckSources(ctx, followed, sources, progress)
	return resolver.Pins{Gone: append(images.Gone, rest.Gone...),
		Wrong:    append(images.Wrong, rest.Wrong...),
		Failures: append(images.Failures, rest.Failures...)}, err
}
