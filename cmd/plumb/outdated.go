package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
)

func outdatedCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:      "outdated",
		Usage:     "tell which tracked names mean something else by now",
		ArgsUsage: "[NAME…]",
		Description: `Asks the registries what the tags in plumb.lock mean now, and changes nothing.
Exit 1 if any has moved.

   plumb outdated
   plumb outdated 'ghcr.io/acme/**'`,
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			requests, err := s.requests(c.Context, nil)
			if err != nil {
				return err
			}
			names, err := newSelection(c.Args().Slice())
			if err != nil {
				return err
			}
			roots, err := s.load(c.Context, requests, openWorkTree, true)
			if err != nil {
				return err
			}
			if err := names.check(roots); err != nil {
				return err
			}
			return s.outdated(c.Context, roots, names)
		},
	}
}

// lockEntries are the entries of a lock root's lock, none if it cannot be read.
func lockEntries(r *root) []lockfile.Entry {
	if r.lock == nil {
		return nil
	}
	l, err := lockfile.Parse(lockName, r.lock)
	if err != nil {
		return nil
	}
	return l.Entries
}

// moved is a name that outdated prints.
type moved struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Places []spot `json:"places"`
}

// outdatedReport is what outdated says, as the JSON document plumb.dev/outdated/v1.
type outdatedReport struct {
	Schema   string   `json:"schema"`
	OK       bool     `json:"ok"`
	Outdated []moved  `json:"outdated"`
	Failures []failed `json:"failures"`

	total int // of names that are locked
}

func (s *session) outdated(ctx context.Context, roots []*root, names *selection) error {
	report := outdatedReport{Schema: "plumb.dev/outdated/v1", Outdated: []moved{}, Failures: []failed{}}
	for _, r := range roots {
		if err := s.ask(ctx, r, names, &report); err != nil {
			return err
		}
	}
	code := exitYes
	switch {
	case len(report.Failures) > 0:
		code = exitCannotTell
	case len(report.Outdated) > 0:
		code = exitNo
	}
	if report.OK = code == exitYes; s.json {
		if err := s.printJSON(report); err != nil {
			return err
		}
		return status(code)
	}
	for _, m := range report.Outdated {
		s.printf("%s %s\n    %s -> %s (tag unchanged, digest moved; %s)\n", m.Kind, s.bold(m.Name), m.Old, m.New, count(len(m.Places), "place", "places"))
	}
	for _, f := range report.Failures {
		s.printFailure(f)
	}
	s.hintf("%d of %s moved", len(report.Outdated), count(report.total, "name", "names"))
	if len(report.Outdated) > 0 {
		s.hintf("; to take them over: plumb lock update")
	}
	s.hintf("\n")
	return status(code)
}

// ask adds what has become of the names of one lock root.
func (s *session) ask(ctx context.Context, r *root, names *selection, report *outdatedReport) error {
	l := &lockfile.Lock{}
	if r.lock != nil {
		var err error
		if l, err = lockfile.Parse(s.display(r.dir, lockName), r.lock); err != nil {
			return asUsage(err)
		}
	}
	client, err := s.client(r.dir, r.config)
	if err != nil {
		return asUsage(err)
	}
	p := s.progress("asking")
	found, failures, err := resolver.FindOutdated(ctx, l, client, names.match, p.step)
	p.done()
	if err != nil {
		return &exitError{exitCannotTell, err}
	}
	report.total += len(l.Entries)
	places := s.places(r)
	at := func(k lockfile.Kind, name string) []spot { return append([]spot{}, places[string(k)+" "+name]...) }
	for _, o := range found {
		report.Outdated = append(report.Outdated, moved{string(o.Kind), o.Name, o.Old, o.New, at(o.Kind, o.Name)})
	}
	for _, f := range failures {
		report.Failures = append(report.Failures, s.failure(f, at(f.Kind, f.Name)))
	}
	return nil
}

// places lists where each name of a lock root stands.
func (s *session) places(r *root) map[string][]spot {
	out := map[string][]spot{}
	for _, f := range r.files {
		for _, ref := range f.References {
			key := string(ref.Input) + " " + ref.Tracked
			out[key] = append(out[key], spot{s.display(r.dir, ref.File), ref.Line, ref.Column})
		}
	}
	return out
}
