package main

import (
	"context"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/planreport"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver"
)

func outdatedCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:      "outdated",
		Category:  cli.CategoryEveryday,
		Usage:     "list tags that point to a new digest",
		ArgsUsage: "[NAME…]",
		Description: `Queries the registries for the digest that each tag in plumb.lock points to now,
and for newer tags in the version ranges of plumb.yaml (track); git repositories
for the commits of their refs, and chart repositories for newer versions in
ranges. Changes no file. Exit 1 if a name is outdated, and 2 if nothing is locked
yet. A NAME is written as for plumb lock update.`,
		UsageText: `# Check all names
plumb outdated

# Check all tags of a repository
plumb outdated nginx

# Check all names of an organization
plumb outdated 'ghcr.io/acme/**'`,
		Flags: []ucli.Flag{cli.TimeoutFlag(), lockOutputFlag()},
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			o := &outdatedOptions{IO: io, registries: registries}
			ctx, stop, err := cli.Limit(c)
			if err != nil {
				return err
			}
			defer stop()
			if o.names, err = resolver.NewSelection(c.Args().Slice()); err != nil {
				return cli.Fail(err)
			}
			roots, err := io.LoadRoots(ctx, nil, true)
			if err != nil {
				return cli.TimedOut(ctx, err)
			}
			return cli.Fail(o.run(ctx, roots))
		},
	}
}

// outdatedOptions are what plumb outdated is to do.
type outdatedOptions struct {
	*cli.IO
	registries *cli.Registries

	names *resolver.Selection
}

func (o *outdatedOptions) run(ctx context.Context, roots []*lockroot.Root) error {
	if err := lockroot.CheckLocked(roots); err != nil {
		return err
	}
	if err := o.names.Check(roots); err != nil {
		return err
	}
	if err := o.NameForPrograms(ctx); err != nil {
		return err
	}
	report := planreport.NewOutdated(o.IO)
	for _, r := range roots {
		reg, err := o.registries.For(r)
		if err != nil {
			return err
		}
		sources, err := o.registries.Sources(r)
		if err != nil {
			return err
		}
		progress := o.Progress("querying")
		found, err := resolver.FindOutdatedIn(ctx, r, reg, resolver.OutdatedOptions{
			Match: o.names.Match, Sources: sources, Progress: progress.Query})
		progress.Done()
		if err != nil {
			return err
		}
		report.Add(r, found)
	}
	return report.Print()
}
