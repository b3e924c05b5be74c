package main

import (
	"context"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/planreport"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/signatures"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/report"
)

func policyCheckCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:      "check",
		Usage:     "check images against policies, and explain the decision",
		ArgsUsage: "[NAME…]",
		Description: `Checks the images of plumb.lock, all of them or those that match a NAME, against
the policies by the evidence in the repository. For each policy and authority it
prints whether it is satisfied, and why. With --online, and for a NAME that is
not in plumb.lock, it checks the current digest of the name by the signatures in
the registry. Exit 1 if an image is not accepted, and 2 if nothing is locked yet.`,
		UsageText: `# Check all locked images
plumb policy check

# Check one image
plumb policy check ghcr.io/acme/web:1.4

# Check an image before it is locked
plumb policy check --online ghcr.io/acme/web:1.5

# Check against the policies of a cluster
plumb policy check --policy /etc/plumb/policies`,
		Flags: append([]ucli.Flag{
			&ucli.BoolFlag{Name: "online",
				Usage: "check the current digests and signatures in the registries"},
		}, cli.PolicyFlags()...),
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			o := &policyCheckOptions{IO: io, registries: registries,
				patterns: c.Args().Slice(), online: cli.IsSet(c, "online")}
			var err error
			if o.policies, err = cli.ReadExternalPolicies(c); err != nil {
				return err
			}
			return cli.Fail(o.run(c.Context))
		},
	}
}

// policyCheckOptions are what plumb policy check is to do.
type policyCheckOptions struct {
	*cli.IO
	registries *cli.Registries

	patterns []string
	online   bool
	policies *cli.ExternalPolicies // nil: the tree's own
}

func (o *policyCheckOptions) run(ctx context.Context) error {
	names, err := resolver.NewSelection(o.patterns)
	if err != nil {
		return err
	}
	roots, err := o.LoadRoots(ctx, nil, true)
	if err != nil {
		return err
	}
	if err := o.checkLocked(roots); err != nil {
		return err
	}
	all := planreport.NewPolicyCheck(o.IO, o.policies != nil)
	for _, r := range roots {
		if err := o.checkRoot(ctx, r, names, all); err != nil {
			return err
		}
	}
	// What no lock has is judged as the first lock root would lock it.
	for _, name := range unknownNames(o.patterns, all.Names()) {
		if err := o.checkUnlocked(ctx, roots[0], name, all); err != nil {
			return err
		}
	}
	return all.Print()
}

// checkLocked returns an error where locked images are to be judged and none can be: nothing
// is locked, or a glob matches nothing. Names alone need no lock.
func (o *policyCheckOptions) checkLocked(roots []*lockroot.Root) error {
	var globs []string
	for _, pattern := range o.patterns {
		if _, err := oci.Parse(pattern); err != nil {
			globs = append(globs, pattern)
		}
	}
	if len(o.patterns) > 0 && len(globs) == 0 {
		return nil
	}
	if err := lockroot.CheckLocked(roots); err != nil {
		return err
	}
	names, err := resolver.NewSelection(globs)
	if err != nil {
		return err
	}
	return names.Check(roots)
}

// checkRoot judges the locked images of one lock root that are selected.
func (o *policyCheckOptions) checkRoot(
	ctx context.Context, r *lockroot.Root, names *resolver.Selection, all *planreport.PolicyCheck,
) error {
	if r.LockText == nil {
		return nil
	}
	reg, p, err := o.prover(ctx, r)
	if err != nil {
		return err
	}
	l, err := r.ReadableLock()
	if err != nil {
		return err
	}
	places := planreport.NewIndex(o.IO, r)
	uses := usesIn(r)
	for _, e := range l.Entries {
		if e.Kind != lockfile.Image || !names.Match(resolver.Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		if !o.online {
			all.Add(e, p.Stored(e, uses[e.Name].References))
			continue
		}
		e, v, err := fetchVerdict(ctx, o.IO, r, reg, p, e.Name, uses[e.Name])
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			all.Fail(e.Name, err, places.Of(e.Kind, e.Name))
			continue
		}
		all.Add(e, v)
	}
	return nil
}

// usesIn are the images of a lock with the places that refer to them, by their names.
func usesIn(r *lockroot.Root) map[string]verify.Use {
	out := map[string]verify.Use{}
	for _, u := range verify.Used(evidence.InputOf(r, time.Now())) {
		if u.Entry.Kind == lockfile.Image {
			out[u.Entry.Name] = u
		}
	}
	return out
}

// prover returns what judges the images of a lock root, and its registries.
func (o *policyCheckOptions) prover(
	ctx context.Context, r *lockroot.Root,
) (*cli.Registry, *signatures.Prover, error) {
	reg, err := o.registries.For(r)
	if err != nil {
		return nil, nil, err
	}
	p, err := newProver(ctx, o.IO, r, reg, o.policies)
	return reg, p, err
}

// checkUnlocked judges what a name means now that no lock has.
func (o *policyCheckOptions) checkUnlocked(
	ctx context.Context, r *lockroot.Root, name string, all *planreport.PolicyCheck,
) error {
	reg, p, err := o.prover(ctx, r)
	if err != nil {
		return err
	}
	e, v, err := fetchVerdict(ctx, o.IO, r, reg, p, name, verify.Use{})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		all.Fail(name, err, []report.Place{})
		return nil
	}
	all.Add(e, v)
	return nil
}

// unknownNames are the patterns that are names of images, none of which was
// found.
func unknownNames(patterns, found []string) []string {
	var out []string
	for _, pattern := range patterns {
		n, err := oci.Parse(pattern)
		if err != nil {
			continue
		}
		hit := false
		for _, name := range found {
			hit = hit || resolver.Matches(pattern, resolver.Tracked{Kind: lockfile.Image, Name: name})
		}
		if !hit {
			out = append(out, n.Tracked())
		}
	}
	return out
}

// fetchVerdict judges what a name means now, at the places that refer to it.
func fetchVerdict(
	ctx context.Context, io *cli.IO, r *lockroot.Root, reg *cli.Registry, p *signatures.Prover,
	name string, at verify.Use,
) (lockfile.Entry, evidence.Verdict, error) {
	e := lockfile.Entry{Kind: lockfile.Image, Name: name}
	n, err := oci.Parse(name)
	if err != nil {
		return e, evidence.Verdict{}, err
	}
	progress := io.Progress("checking")
	defer progress.Done()
	progress.Query(resolver.Step{Host: n.Host})
	content, err := reg.Resolve(ctx, n, lockfile.Image, r.Config.Platforms)
	if err != nil {
		return e, evidence.Verdict{}, err
	}
	e.Digest, e.MediaType, e.Platforms = content.Digest, content.MediaType, content.Platforms
	v, err := p.Fetched(ctx, e, at.References)
	return e, v, err
}
