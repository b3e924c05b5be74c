package main

import (
	"context"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

func evidenceShowCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:      "show",
		Usage:     "show who signed an image, and when",
		ArgsUsage: "[NAME…]",
		Description: `Verifies the evidence of the images in plumb.lock, of all of them or of those
that match a NAME, and prints who signed what, when, and in which transparency
log. Evidence that does not verify is not shown. Exit 1 if a policy does not
accept an image, or its evidence does not match plumb.lock, and 2 if nothing is
locked yet.`,
		UsageText: `# Show the signers of all locked images
plumb evidence show

# Show the signers of one image
plumb evidence show ghcr.io/acme/web:1.4`,
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			names, err := resolver.NewSelection(c.Args().Slice())
			if err != nil {
				return cli.Fail(err)
			}
			return cli.Fail((&evidenceShowOptions{io, names}).run(c.Context))
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

// evidenceShowOptions are what plumb evidence show is to do.
type evidenceShowOptions struct {
	*cli.IO
	names *resolver.Selection
}

func (o *evidenceShowOptions) run(ctx context.Context) error {
	roots, err := o.LoadRoots(ctx, nil, true)
	if err != nil {
		return err
	}
	if err := lockroot.CheckLocked(roots); err != nil {
		return err
	}
	if err := o.names.Check(roots); err != nil {
		return err
	}
	all := []shown{}
	for _, r := range roots {
		found, err := o.verify(ctx, r)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	return o.print(all)
}

// verify verifies the evidence of one lock root's images.
func (o *evidenceShowOptions) verify(ctx context.Context, r *lockroot.Root) ([]shown, error) {
	if r.LockText == nil {
		return nil, nil
	}
	l, err := r.ReadableLock()
	if err != nil {
		return nil, err
	}
	judge, err := newJudge(ctx, o.IO, r, nil)
	if err != nil {
		return nil, err
	}
	var out []shown
	for _, e := range l.Entries {
		if e.Kind != lockfile.Image || !o.names.Match(resolver.Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		v := judge.Entry(e)
		one := shown{Name: e.Name, Digest: e.Digest, Accepted: v.Accepted, Proofs: []shownProof{},
			Faults:    append(append([]string{}, v.Faults...), v.Unproven...),
			unmatched: v.Verdict == policy.Unmatched}
		for _, p := range v.Policies {
			for _, a := range p.Authorities {
				for _, proof := range a.Proofs {
					file := o.Display(r.Dir, evidence.File(proof.Evidence))
					one.Proofs = append(one.Proofs, shownProof{p.Name, a.Name, file, proof})
				}
			}
		}
		out = append(out, one)
	}
	return out, nil
}

func (o *evidenceShowOptions) print(all []shown) error {
	code := cli.ExitYes
	for _, one := range all {
		if !one.Accepted || len(one.Faults) > 0 {
			code = cli.ExitNo
		}
	}
	if o.JSON() {
		if err := o.PrintJSON(struct {
			Schema string  `json:"schema"`
			OK     bool    `json:"ok"`
			Images []shown `json:"images"`
		}{"plumb.dev/evidence-show/v1", code == cli.ExitYes, all}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, one := range all {
		o.Printf("%s %s\n", o.Bold(one.Name), one.Digest)
		for _, p := range one.Proofs {
			o.printProof(one, p)
		}
		switch {
		case one.unmatched:
			o.Printf("    no policy asks who signed it\n")
		case len(one.Proofs) == 0:
			o.Printf("    no valid signature from a required signer\n")
		}
		for _, f := range one.Faults {
			o.Printf("    %s\n", f)
		}
	}
	return cli.Status(code)
}

func (o *evidenceShowOptions) printProof(of shown, p shownProof) {
	what := "it"
	switch {
	case p.Attestation != "":
		what = "an attestation of it (" + p.PredicateType + ")"
	case p.Digest != of.Digest:
		what = "the index that lists it, " + p.Digest
	}
	o.Printf("    %s signed %s\n", p.Signer, what)
	if len(p.Times) > 0 {
		o.Printf("        at %s\n", strings.Join(p.Times, ", "))
	} else {
		o.Printf("        at an unverified time\n")
	}
	for _, l := range p.Log {
		o.Printf("        %s\n", l)
	}
	o.Printf("        for policy %s, authority %s, in %s\n", p.Policy, p.Authority, p.File)
}
