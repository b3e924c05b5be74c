package main

import (
	"context"
	"fmt"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/signatures"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
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
the registry. Exit 1 if an image is not accepted.`,
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

// checked is what policies make of an image, in the document
// plumb.dev/policy-check/v1.
type checked struct {
	Name     string `json:"name"`
	Digest   string `json:"digest"`
	Accepted bool   `json:"accepted"`
	policy.Decision
	Faults []string `json:"faults"`
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
	all := []checked{}
	for _, r := range roots {
		found, err := o.checkRoot(ctx, r, names)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	// What no lock has is judged as the first lock root would lock it.
	for _, name := range unknownNames(o.patterns, all) {
		c, err := o.checkUnlocked(ctx, roots[0], name)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	return o.print(all)
}

// checkRoot judges the locked images of one lock root that are selected.
func (o *policyCheckOptions) checkRoot(
	ctx context.Context, r *lockroot.Root, names *resolver.Selection,
) ([]checked, error) {
	if r.LockText == nil {
		return nil, nil
	}
	reg, err := o.registries.For(r)
	if err != nil {
		return nil, err
	}
	p, err := newProver(ctx, o.IO, r, reg, o.policies)
	if err != nil {
		return nil, err
	}
	l, err := r.ReadableLock()
	if err != nil {
		return nil, err
	}
	var out []checked
	for _, e := range l.Entries {
		if e.Kind != lockfile.Image || !names.Match(resolver.Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		c := newChecked(e, p.Stored(e))
		if o.online {
			if c, err = o.checkOnline(ctx, r, reg, p, e.Name); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// checkUnlocked judges what a name means now that no lock has.
func (o *policyCheckOptions) checkUnlocked(
	ctx context.Context, r *lockroot.Root, name string,
) (checked, error) {
	reg, err := o.registries.For(r)
	if err != nil {
		return checked{}, err
	}
	p, err := newProver(ctx, o.IO, r, reg, o.policies)
	if err != nil {
		return checked{}, err
	}
	return o.checkOnline(ctx, r, reg, p, name)
}

// unknownNames are the patterns that are names of images, none of which was
// found.
func unknownNames(patterns []string, found []checked) []string {
	var out []string
	for _, pattern := range patterns {
		n, err := oci.Parse(pattern)
		if err != nil {
			continue
		}
		hit := false
		for _, c := range found {
			hit = hit || resolver.Matches(pattern, resolver.Tracked{Kind: lockfile.Image, Name: c.Name})
		}
		if !hit {
			out = append(out, n.Tracked())
		}
	}
	return out
}

// checkOnline judges what a name means now.
func (o *policyCheckOptions) checkOnline(
	ctx context.Context, r *lockroot.Root, reg *cli.Registry, p *signatures.Prover, name string,
) (checked, error) {
	n, err := oci.Parse(name)
	if err != nil {
		return checked{}, cli.UsageError("%w", err)
	}
	content, err := reg.Resolve(ctx, n, lockfile.Image, r.Config.Platforms)
	if err != nil {
		return checked{}, fmt.Errorf("resolving %s: %w", name, err)
	}
	e := lockfile.Entry{Kind: lockfile.Image, Name: name, Digest: content.Digest,
		MediaType: content.MediaType, Platforms: content.Platforms}
	v, err := p.Fetched(ctx, e)
	if err != nil {
		return checked{}, err
	}
	return newChecked(e, v), nil
}

func newChecked(e lockfile.Entry, v evidence.Verdict) checked {
	faults := append(append([]string{}, v.Faults...), v.Unproven...)
	return checked{e.Name, e.Digest, v.Accepted, v.Decision, faults}
}

func (o *policyCheckOptions) print(all []checked) error {
	code, denied := cli.ExitYes, 0
	for _, c := range all {
		if !c.Accepted || len(c.Faults) > 0 {
			code = cli.ExitNo
			denied++
		}
	}
	if o.JSON() {
		if err := o.PrintJSON(struct {
			Schema string    `json:"schema"`
			OK     bool      `json:"ok"`
			Images []checked `json:"images"`
		}{"plumb.dev/policy-check/v1", code == cli.ExitYes, all}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, c := range all {
		for i, line := range c.Lines() {
			if i == 0 {
				line = o.Bold(line)
			}
			o.Printf("%s\n", line)
		}
		switch {
		case c.Verdict == policy.Unmatched && o.policies != nil:
			o.Printf("  no policy matches it: it is rejected, whatever plumb.yaml says (--policy)\n")
		case c.Verdict == policy.Unmatched:
			verdict := map[bool]string{true: "accepted", false: "rejected"}[c.Accepted]
			o.Printf("  no policy matches it: it is %s (unsigned in plumb.yaml)\n", verdict)
		}
		for _, f := range c.Faults {
			o.Printf("  %s\n", f)
		}
	}
	o.Hintf("%s: %d not accepted\n", cli.Count(len(all), "image", "images"), denied)
	return cli.Status(code)
}
