package main

import (
	"context"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/planreport"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/signatures"
	"github.com/plumb-dev/plumb/verify/evidence"
)

func lockCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:      "lock",
		Category:  cli.CategoryEveryday,
		Usage:     "pin references and update plumb.lock",
		ArgsUsage: "[PATH…]",
		Description: `Pins every reference that is not pinned yet, keeps all existing pins, and
removes from plumb.lock what no manifest refers to any more. Either all files
are written or none.`,
		UsageText: `# Pin everything in the repository
plumb lock

# Pin what is in one directory
plumb lock apps/web

# Exit 1 if a file would change, and write nothing
plumb lock --check

# Print the changes as a patch
plumb lock --diff | git apply --check

# Pin what can be pinned; exit 3 if a name cannot be resolved
plumb lock --keep-going`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a file would change"},
			&ucli.BoolFlag{Name: "diff",
				Usage: "write nothing; print the changes as a patch; exit 1 if there are any"},
			keepGoingFlag(),
			&ucli.StringSliceFlag{Name: "keep-digest",
				Usage: "lock `NAME` with the digest that is written, also if it is another tag's"},
			cli.TimeoutFlag(),
			lockOutputFlag(),
		},
		Subcommands: []*ucli.Command{lockUpdateCommand(io, registries)},
		Action: func(c *ucli.Context) error {
			o, err := newLockOptions(c, io, registries, "lock")
			if err != nil {
				return err
			}
			o.paths = c.Args().Slice()
			if names := c.StringSlice("keep-digest"); len(names) > 0 {
				if o.keep, err = resolver.NewSelection(names); err != nil {
					return cli.Fail(err)
				}
			}
			return o.run(c)
		},
	}
}

func keepGoingFlag() ucli.Flag {
	return &ucli.BoolFlag{Name: "keep-going",
		Usage: "pin what can be pinned; exit 3 if a name cannot be resolved"}
}

func lockOutputFlag() ucli.Flag { return cli.OutputFlag(cli.Text, cli.JSON, cli.Markdown) }

// lockOptions are what plumb lock and plumb lock update are to do.
type lockOptions struct {
	*cli.IO
	registries *cli.Registries

	mode   planreport.LockMode
	paths  []string
	update *resolver.Selection // whose pins move; nil: none
	keep   *resolver.Selection // whose digests are locked as written; nil: none
}

// newLockOptions reads the flags that lock and lock update share.
func newLockOptions(
	c *ucli.Context, io *cli.IO, registries *cli.Registries, name string,
) (*lockOptions, error) {
	if err := io.Begin(c); err != nil {
		return nil, err
	}
	mode := planreport.LockMode{Name: name, Args: c.Args().Slice(), Check: cli.IsSet(c, "check"),
		Diff: cli.IsSet(c, "diff"), KeepGoing: cli.IsSet(c, "keep-going")}
	return &lockOptions{IO: io, registries: registries, mode: mode}, nil
}

// run plans all lock roots, and writes them if all of them can be.
func (o *lockOptions) run(c *ucli.Context) error {
	ctx, stop, err := cli.Limit(c)
	if err != nil {
		return err
	}
	defer stop()
	w := o.Writer(o.mode.Dry())
	defer w.Close()
	plans, err := o.plan(ctx, w)
	if err != nil {
		return cli.TimedOut(ctx, cli.Fail(err))
	}
	// What was planned in time is written whole, however long that takes.
	return o.carryOut(c.Context, w, plans)
}

// plan reads and plans the lock roots.
func (o *lockOptions) plan(ctx context.Context, w *lockroot.Writer) ([]*resolver.RootPlan, error) {
	requests, err := lockroot.Find(ctx, o.Dir, o.paths)
	if err != nil {
		return nil, err
	}
	lockroot.SortRequests(requests)
	loader := o.Loader(false)
	loader.Open = w.Open
	roots, err := loader.Load(ctx, requests)
	if err != nil {
		return nil, err
	}
	var update func(resolver.Tracked) bool
	if o.update != nil {
		if err := o.update.Check(roots); err != nil {
			return nil, err
		}
		update = o.update.Match
	}
	var keep func(resolver.Tracked) bool
	if o.keep != nil {
		if err := o.keep.Check(roots); err != nil {
			return nil, err
		}
		keep = o.keep.Match
	}
	var plans []*resolver.RootPlan
	for _, r := range roots {
		reg, err := o.registries.For(r)
		if err != nil {
			return nil, err
		}
		prover, err := newProver(ctx, o.IO, r, reg, nil)
		if err != nil {
			return nil, err
		}
		sources, err := o.registries.Sources(r)
		if err != nil {
			return nil, err
		}
		progress := o.Progress("resolving")
		p, err := resolver.PlanRoot(ctx, r, resolver.RootOptions{
			Registry: reg, Sources: sources, Prover: prover, Update: update, KeepDigest: keep,
			Progress: progress.Query, Now: time.Now()})
		progress.Done()
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// newProver returns what finds the evidence of a lock root's images, by external
// policies or, where these are nil, by its own.
func newProver(
	ctx context.Context, io *cli.IO, r *lockroot.Root, reg *cli.Registry,
	external *cli.ExternalPolicies,
) (*signatures.Prover, error) {
	judge, err := newJudge(ctx, io, r, external)
	if err != nil {
		return nil, err
	}
	return signatures.NewProver(judge, reg.Client), nil
}

// newJudge returns what judges the images of a lock root, and says what is remarkable
// in its policies.
func newJudge(
	ctx context.Context, io *cli.IO, r *lockroot.Root, external *cli.ExternalPolicies,
) (*evidence.Judge, error) {
	judge, err := evidence.ForRoot(ctx, r, external.Policies())
	if err != nil {
		return nil, err
	}
	if external == nil {
		for _, remark := range judge.Policies.Remarks() {
			io.Hintf("%v\n", remark)
		}
	}
	return judge, nil
}

// carryOut writes what was planned, unless something stands against it, and reports.
func (o *lockOptions) carryOut(
	ctx context.Context, w *lockroot.Writer, plans []*resolver.RootPlan,
) error {
	base, err := o.RepositoryTop(ctx)
	if err != nil {
		return cli.CannotTell(err)
	}
	r := planreport.NewLock(o.IO, o.mode, base)
	for _, p := range plans {
		r.Add(p)
	}
	if r.Blocked {
		return r.Print()
	}
	var edits []lockroot.Edit
	for _, p := range plans {
		writes, err := p.Writes(ctx)
		if err != nil {
			return cli.CannotTell(err)
		}
		edits = append(edits, lockroot.Edit{Root: p.Root, Writes: writes})
		r.Wrote(p.Root.Dir, writes)
	}
	if !o.mode.Dry() {
		if err := w.WriteAll(ctx, edits); err != nil {
			return cli.CannotTell(err)
		}
	}
	return r.Print()
}
