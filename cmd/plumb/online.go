package main

import (
	"context"
	"time"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
)

// asked is what verify --online learned of pins.
type asked struct {
	findings []verify.Finding // of what is gone
	failures []failed         // what could not be asked
	left     leftover
	total    int // of pins
}

// online asks the registries whether what the paths of r are pinned to is still
// there.
func (s *session) online(ctx context.Context, r *root, out *asked) error {
	uses := verify.Used(r.selected())
	if len(uses) == 0 {
		return nil
	}
	client, err := s.client(r.dir, r.config)
	if err != nil {
		return cli.AsUsage(err)
	}
	entries := make([]lockfile.Entry, len(uses))
	for i, u := range uses {
		entries[i] = u.Entry
	}
	p := s.Progress("asking")
	gone, failures, err := resolver.FindGone(ctx, entries, client, p.Step)
	p.Done()
	if err != nil {
		return cli.CannotTell(err)
	}
	byName := map[string]verify.Use{}
	for _, u := range uses {
		byName[string(u.Entry.Kind)+" "+u.Entry.Name] = u
	}
	for _, f := range gone {
		for _, finding := range byName[string(f.Kind)+" "+f.Name].Gone(f.Err.Error()) {
			out.findings = append(out.findings, s.shown(r, finding))
		}
	}
	for _, f := range failures {
		out.left.add(f)
		out.failures = append(out.failures, s.failure(f, s.spotsOf(r, byName[string(f.Kind)+" "+f.Name].References)))
	}
	out.total += len(uses)
	return nil
}

// code is the exit status of what could not be asked.
func (a *asked) code() int {
	switch {
	case a.left.up != nil:
		return cli.ExitTimeout
	case len(a.failures) > 0:
		return cli.ExitCannotTell
	}
	return cli.ExitYes
}

// print tells people what could not be asked.
func (a *asked) print(s *session) {
	s.printFailures("asking for", a.failures)
	a.left.print(s, a.total)
}

// selected is what verify judges of r, less the files that the paths leave out.
func (r *root) selected() verify.Input {
	in := r.input(time.Now())
	all := in.Files
	in.Files = nil
	for _, f := range all {
		if r.covers(f.Path) {
			in.Files = append(in.Files, f)
		}
	}
	if r.stdin != nil || !r.covers(tree.ConfigFile) {
		in.Images = nil
	}
	return in
}

// spotsOf are the places of references as they are called in the report.
func (s *session) spotsOf(r *root, refs []*manifest.Reference) []spot {
	out := make([]spot, len(refs))
	for i, ref := range refs {
		file := ref.File
		if file != stdinName {
			file = s.Placed(r.dir, file)
		}
		out[i] = spot{File: file, Line: ref.Line, Column: ref.Column, who: whose(*ref)}
	}
	return out
}
