package main

import (
	"context"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
)

func outdatedCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "outdated",
		Category:  cli.CategoryEveryday,
		Usage:     "list tags that point to a new digest",
		ArgsUsage: "[NAME…]",
		Description: `Queries the registries for the digest that each tag in plumb.lock points to now,
and for newer tags in the version ranges of plumb.yaml (track). Changes no file.
Exit 1 if a name is outdated. A NAME is written as for plumb lock update.`,
		UsageText: `# Check all names
plumb outdated

# Check all tags of a repository
plumb outdated nginx

# Check all names of an organization
plumb outdated 'ghcr.io/acme/**'`,
		Flags: []ucli.Flag{cli.TimeoutFlag(), cli.OutputFlag(cli.Text, cli.JSON, cli.Markdown)},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			ctx, stop, err := cli.Limit(c)
			if err != nil {
				return err
			}
			defer stop()
			requests, err := s.requests(ctx, nil)
			if err != nil {
				return cli.TimedOut(ctx, err)
			}
			names, err := newSelection(c.Args().Slice())
			if err != nil {
				return err
			}
			roots, err := s.load(ctx, requests, openWorkTree, true)
			if err != nil {
				return cli.TimedOut(ctx, err)
			}
			if err := names.check(roots); err != nil {
				return err
			}
			return s.outdated(ctx, roots, names)
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
	Tag    string `json:"tag"`   // the newest in the range, "" if none is newer
	Range  string `json:"range"` // that plumb.yaml gives, or ""
	Places []spot `json:"places"`
}

// outdatedReport is what outdated says, as the JSON document plumb.dev/outdated/v1.
type outdatedReport struct {
	Schema   string   `json:"schema"`
	OK       bool     `json:"ok"`
	Outdated []moved  `json:"outdated"`
	Failures []failed `json:"failures"`

	total int // of names that are locked
	left  leftover
}

func (s *session) outdated(ctx context.Context, roots []*root, names *selection) error {
	report := outdatedReport{Schema: "plumb.dev/outdated/v1", Outdated: []moved{}, Failures: []failed{}}
	if err := s.NameForPrograms(ctx); err != nil {
		return err
	}
	for _, r := range roots {
		if err := s.ask(ctx, r, names, &report); err != nil {
			return err
		}
	}
	code := cli.ExitYes
	switch {
	case report.left.up != nil:
		code = cli.ExitTimeout
	case len(report.Failures) > 0:
		code = cli.ExitCannotTell
	case len(report.Outdated) > 0:
		code = cli.ExitNo
	}
	if report.OK = code == cli.ExitYes; s.JSON() {
		if err := s.PrintJSON(report); err != nil {
			return err
		}
		return cli.Status(code)
	}
	if s.Format == cli.Markdown {
		s.Printf("%s", report.markdown())
		return cli.Status(code)
	}
	report.print(s)
	return cli.Status(code)
}

// print tells people.
func (r *outdatedReport) print(s *session) {
	for _, m := range r.Outdated {
		s.printOutdated(m)
	}
	s.printFailures("resolving", r.Failures)
	r.left.print(s, r.total)
	s.Hintf("%d of %s moved", len(r.Outdated), cli.Count(r.total, "name", "names"))
	if len(r.Outdated) > 0 {
		s.Hintf("; to take them over: plumb lock update")
	}
	s.Hintf("\n")
}

// printOutdated tells what has become of a name.
func (s *session) printOutdated(m moved) {
	places := cli.Count(len(m.Places), "place", "places")
	s.Printf("%s %s\n", m.Kind, s.Bold(m.Name))
	if m.Old != m.New {
		s.Printf("    %s -> %s (tag unchanged, digest moved; %s)\n", m.Old, m.New, places)
	}
	if m.Tag != "" {
		s.Printf("    %s is newer, in the range %s (%s)\n", m.Tag, m.Range, places)
	}
}

// ask adds what has become of the names of one lock root.
func (s *session) ask(ctx context.Context, r *root, names *selection, report *outdatedReport) error {
	l := &lockfile.Lock{}
	if r.lock != nil {
		var err error
		if l, err = lockfile.Parse(s.Display(r.dir, lockName), r.lock); err != nil {
			return cli.AsUsage(err)
		}
	}
	client, err := s.client(r.dir, r.config)
	if err != nil {
		return cli.AsUsage(err)
	}
	images, err := r.named()
	if err != nil {
		return cli.AsUsage(err)
	}
	p := s.Progress("asking")
	found, failures, err := resolver.FindOutdated(ctx, l, client, resolver.OutdatedOptions{
		Match: names.match, Images: images, Fixed: r.flux(), Progress: p.Step})
	p.Done()
	if err != nil {
		return cli.CannotTell(err)
	}
	report.total += len(l.Entries)
	places := s.places(r)
	at := func(k lockfile.Kind, name string) []spot { return append([]spot{}, places[string(k)+" "+name]...) }
	for _, o := range found {
		report.Outdated = append(report.Outdated, moved{string(o.Kind), o.Name, o.Old, o.New, o.Tag, o.Range, at(o.Kind, o.Name)})
	}
	for _, f := range failures {
		report.left.add(f)
		report.Failures = append(report.Failures, s.failure(f, at(f.Kind, f.Name)))
	}
	return nil
}

// flux reports which names have their tags set by Flux.
func (r *root) flux() func(lockfile.Kind, string) bool {
	set := map[string]bool{}
	for _, f := range r.files {
		for _, ref := range f.References {
			if ref.Policy != "" {
				set[string(ref.Input)+" "+ref.Tracked] = true
			}
		}
	}
	return func(k lockfile.Kind, name string) bool { return set[string(k)+" "+name] }
}

// places lists where each name of a lock root stands.
func (s *session) places(r *root) map[string][]spot {
	out := map[string][]spot{}
	for _, f := range r.files {
		for _, ref := range f.References {
			key := string(ref.Input) + " " + ref.Tracked
			out[key] = append(out[key], spot{File: s.Placed(r.dir, ref.File), Line: ref.Line, Column: ref.Column, who: whose(ref)})
		}
	}
	for _, i := range r.images() {
		key := string(lockfile.Image) + " " + i.Tracked
		out[key] = append(out[key], spot{File: s.Placed(r.dir, tree.ConfigFile), Line: i.Line, Column: i.Column})
	}
	return out
}
