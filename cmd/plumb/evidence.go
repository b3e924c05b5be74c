package main

import (
	"context"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

func evidenceCommand(s *session) *ucli.Command {
	show := &ucli.Command{
		Name:      "show",
		Usage:     "show who signed an image, and when",
		ArgsUsage: "[NAME…]",
		Description: `Verifies the evidence of the images in plumb.lock, of all of them or of those
that match a NAME, and prints who signed what, when, and in which transparency
log. Evidence that does not verify is not shown. Exit 1 if a policy does not
accept an image, or its evidence does not match plumb.lock.`,
		UsageText: `# Show the signers of all locked images
plumb evidence show

# Show the signers of one image
plumb evidence show ghcr.io/acme/web:1.4`,
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			return s.evidenceShow(c.Context, c.Args().Slice())
		},
	}
	return &ucli.Command{
		Name:     "evidence",
		Category: cli.CategorySignatures,
		Usage:    "show who signed the locked images",
		Description: `plumb lock stores the signatures that satisfied the policies in .plumb/evidence,
so that they can be verified offline.`,
		UsageText: `# Show the signers of all locked images
plumb evidence show`,
		Subcommands: []*ucli.Command{show},
		Action: func(c *ucli.Context) error {
			return cli.UsageError("plumb evidence takes a command: show\n%s", cli.HelpHint(c))
		},
	}
}

// shown is the proof of an image, in the document plumb.dev/evidence-show/v1.
type shown struct {
	Name     string       `json:"name"`
	Digest   string       `json:"digest"`
	Accepted bool         `json:"accepted"` // by the policies
	Proofs   []shownProof `json:"proofs"`
	Faults   []string     `json:"faults"`

	unmatched bool // no policy asks who signed it
}

type shownProof struct {
	Policy    string `json:"policy"`
	Authority string `json:"authority"`
	File      string `json:"file"` // of the evidence
	policy.Proof
}

func (s *session) evidenceShow(ctx context.Context, patterns []string) error {
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
	if err := names.check(roots); err != nil {
		return err
	}
	all := []shown{}
	for _, r := range roots {
		found, err := s.proofs(ctx, r, names)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	return s.printShown(all)
}

// proofs verifies the evidence of one lock root's images.
func (s *session) proofs(ctx context.Context, r *root, names *selection) ([]shown, error) {
	if r.lock == nil {
		return nil, nil
	}
	l, err := lockfile.Parse(s.Display(r.dir, lockName), r.lock)
	if err != nil {
		return nil, cli.AsUsage(err)
	}
	judge, err := r.judge(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []shown
	for _, e := range l.Entries {
		if e.Kind != lockfile.Image || !names.match(resolver.Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		v := judge.Entry(e)
		one := shown{Name: e.Name, Digest: e.Digest, Accepted: v.Accepted, Proofs: []shownProof{},
			Faults: append(append([]string{}, v.Faults...), v.Unproven...), unmatched: v.Verdict == policy.Unmatched}
		for _, p := range v.Policies {
			for _, a := range p.Authorities {
				for _, proof := range a.Proofs {
					one.Proofs = append(one.Proofs, shownProof{p.Name, a.Name, s.Display(r.dir, evidence.File(proof.Evidence)), proof})
				}
			}
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *session) printShown(all []shown) error {
	code := cli.ExitYes
	for _, one := range all {
		if !one.Accepted || len(one.Faults) > 0 {
			code = cli.ExitNo
		}
	}
	if s.JSON() {
		if err := s.PrintJSON(struct {
			Schema string  `json:"schema"`
			OK     bool    `json:"ok"`
			Images []shown `json:"images"`
		}{"plumb.dev/evidence-show/v1", code == cli.ExitYes, all}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, one := range all {
		s.Printf("%s %s\n", s.Bold(one.Name), one.Digest)
		for _, p := range one.Proofs {
			s.shownProof(one, p)
		}
		switch {
		case one.unmatched:
			s.Printf("    no policy asks who signed it\n")
		case len(one.Proofs) == 0:
			s.Printf("    nobody has signed it whom a policy asks for\n")
		}
		for _, f := range one.Faults {
			s.Printf("    %s\n", f)
		}
	}
	return cli.Status(code)
}

func (s *session) shownProof(of shown, p shownProof) {
	what := "it"
	switch {
	case p.Attestation != "":
		what = "an attestation of it (" + p.PredicateType + ")"
	case p.Digest != of.Digest:
		what = "the index that lists it, " + p.Digest
	}
	s.Printf("    %s signed %s\n", p.Signer, what)
	if len(p.Times) > 0 {
		s.Printf("        at %s\n", strings.Join(p.Times, ", "))
	} else {
		s.Printf("        at a time that nobody vouches for\n")
	}
	for _, l := range p.Log {
		s.Printf("        %s\n", l)
	}
	s.Printf("        for policy %s, authority %s, in %s\n", p.Policy, p.Authority, p.File)
}
