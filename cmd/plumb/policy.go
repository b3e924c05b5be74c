package main

import (
	"context"
	"fmt"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

func policyCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:     "policy",
		Category: cli.CategorySignatures,
		Usage:    "check images against policies; import keys and trust roots",
		Description: `Works with the sigstore policies (ClusterImagePolicy and TrustRoot) in the
repository.`,
		UsageText: `# Explain which policies accept the locked images
plumb policy check

# Copy the keys that policies refer to into the policies
plumb policy import --from-cluster

# Fetch the trust roots of the policies
plumb policy trust`,
		Subcommands: []*ucli.Command{policyCheckCommand(s), policyImportCommand(s), policyTrustCommand(s)},
		Action: func(c *ucli.Context) error {
			return cli.UsageError("plumb policy takes a command: check, import or trust\n%s", cli.HelpHint(c))
		},
	}
}

func policyCheckCommand(s *session) *ucli.Command {
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
			&ucli.BoolFlag{Name: "online", Usage: "check the current digests and signatures in the registries"},
		}, outsideFlags()...),
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			policies, err := newOutside(c)
			if err != nil {
				return err
			}
			return s.policyCheck(c.Context, c.Args().Slice(), cli.IsSet(c, "online"), policies)
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

func (s *session) policyCheck(ctx context.Context, patterns []string, online bool, o *outside) error {
	names, err := newSelection(patterns)
	if err != nil {
		return err
	}
	requests, err := s.requests(ctx, nil)
	if err != nil {
		return err
	}
	roots, err := s.load(ctx, requests, openWorkTree, true)
	if err != nil {
		return err
	}
	all := []checked{}
	for _, r := range roots {
		found, err := s.checkRoot(ctx, r, names, online, o)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	// What no lock has is judged as the first lock root would lock it.
	for _, name := range unknownNames(patterns, all) {
		p, err := s.prover(ctx, roots[0], o)
		if err != nil {
			return err
		}
		c, err := s.checkOnline(ctx, roots[0], p, name)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	return s.printChecked(all, o)
}

// checkRoot judges the locked images of one lock root that were asked for.
func (s *session) checkRoot(ctx context.Context, r *root, names *selection, online bool, o *outside) ([]checked, error) {
	if r.lock == nil {
		return nil, nil
	}
	p, err := s.prover(ctx, r, o)
	if err != nil {
		return nil, err
	}
	l, err := lockfile.Parse(s.Display(r.dir, lockName), r.lock)
	if err != nil {
		return nil, cli.AsUsage(err)
	}
	var out []checked
	for _, e := range l.Entries {
		if e.Kind != lockfile.Image || !names.match(resolver.Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		c := newChecked(e, p.judge.Entry(e))
		if online {
			if c, err = s.checkOnline(ctx, r, p, e.Name); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
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
			hit = hit || matches(pattern, resolver.Tracked{Kind: lockfile.Image, Name: c.Name})
		}
		if !hit {
			out = append(out, n.Tracked())
		}
	}
	return out
}

// checkOnline judges what a name means now.
func (s *session) checkOnline(ctx context.Context, r *root, p *prover, name string) (checked, error) {
	n, err := oci.Parse(name)
	if err != nil {
		return checked{}, cli.UsageError("%w", err)
	}
	c, err := s.client(r.dir, r.config)
	if err != nil {
		return checked{}, cli.AsUsage(err)
	}
	content, err := c.Resolve(ctx, n, lockfile.Image, r.config.Platforms)
	if err != nil {
		return checked{}, cli.CannotTell(fmt.Errorf("resolving %s: %w", name, err))
	}
	e := lockfile.Entry{Kind: lockfile.Image, Name: name, Digest: content.Digest, MediaType: content.MediaType, Platforms: content.Platforms}
	v, err := p.look(ctx, e, true)
	if err != nil {
		return checked{}, cli.CannotTell(err)
	}
	return newChecked(e, v), nil
}

func newChecked(e lockfile.Entry, v evidence.Verdict) checked {
	faults := append(append([]string{}, v.Faults...), v.Unproven...)
	return checked{e.Name, e.Digest, v.Accepted, v.Decision, faults}
}

func (s *session) printChecked(all []checked, o *outside) error {
	code, denied := cli.ExitYes, 0
	for _, c := range all {
		if !c.Accepted || len(c.Faults) > 0 {
			code = cli.ExitNo
			denied++
		}
	}
	if s.JSON() {
		if err := s.PrintJSON(struct {
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
				line = s.Bold(line)
			}
			s.Printf("%s\n", line)
		}
		switch {
		case c.Verdict == policy.Unmatched && o != nil:
			s.Printf("  no policy matches it: it is rejected, whatever plumb.yaml says (--policy)\n")
		case c.Verdict == policy.Unmatched:
			s.Printf("  no policy matches it: it is %s (unsigned in plumb.yaml)\n", map[bool]string{true: "accepted", false: "rejected"}[c.Accepted])
		}
		for _, f := range c.Faults {
			s.Printf("  %s\n", f)
		}
	}
	s.Hintf("%s: %d not accepted\n", cli.Count(len(all), "image", "images"), denied)
	return cli.Status(code)
}
