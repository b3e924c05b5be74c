package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/vap"
)

func admissionPolicyCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:      "policy",
		Usage:     "print the lock as a ValidatingAdmissionPolicy",
		ArgsUsage: "[PATH…]",
		Description: `Prints what makes an API server of Kubernetes 1.30 or later let only those images
in whose digest plumb.lock has, without a webhook: a ValidatingAdmissionPolicy, its
bindings and, as its parameter, the digests of the lock roots of the PATHs. It cannot
look at evidence: run plumb verify first.

   plumb admission policy --definition | kubectl apply --server-side -f -
   plumb admission policy --exempt kube-system | kubectl apply --server-side --force-conflicts -f -
   plumb admission policy --exempt kube-system --check

A namespace's label plumb.dev/mode (enforce, warn, audit) goes before --mode. --check
compares what stands in the cluster of kubectl's current context with what would be
printed, given the same flags: exit 0 if it is the same, 1 if not, 3 if the cluster
cannot tell.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Value: "plumb", Usage: "call the objects `NAME`; each lock root in a cluster wants its own"},
			&cli.StringFlag{Name: "form", Value: "buckets", Usage: "`FORM`: buckets (the digests are an object of their own) or literals (they are in the policy)"},
			&cli.StringFlag{Name: "mode", Value: "enforce", Usage: "`MODE`: enforce, warn or audit"},
			&cli.StringFlag{Name: "existing", Usage: "`allow` lets updates in that bring no image"},
			&cli.StringSliceFlag{Name: "only", Usage: "judge `NAMESPACE` and no other; may be given more than once"},
			&cli.StringSliceFlag{Name: "exempt", Usage: "judge nothing in `NAMESPACE`; may be given more than once"},
			&cli.StringFlag{Name: "repository", Usage: "tell whom it rejects that `NAME` is where to mend it"},
			&cli.BoolFlag{Name: "definition", Usage: "print only the definition of the kind that the digests are kept in, which must be there first"},
			&cli.BoolFlag{Name: "check", Usage: "print nothing of that, but compare the cluster with it"},
			&cli.StringFlag{Name: "from", Usage: "with --check: compare what `FILE` holds, as kubectl get -o json prints it; - for standard input"},
			&cli.StringFlag{Name: "context", Usage: "with --check: ask the cluster of kubectl's context `NAME`"},
		},
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			if !c.Bool("check") && (c.IsSet("from") || c.IsSet("context") || s.json) {
				return usageError("--from, --context and --output json go with --check: what is printed without it is YAML")
			}
			if c.Bool("definition") {
				if c.Bool("check") {
					return usageError("--definition and --check exclude one another")
				}
				return s.printGenerated(vap.Definition(), nil)
			}
			o, err := s.policyOptions(c)
			if err != nil {
				return err
			}
			if c.Bool("check") {
				return s.comparePolicy(c, o)
			}
			return s.printGenerated(vap.Policy(o))
		},
	}
}

// printGenerated prints what is to be applied to a cluster, or says why it has not.
func (s *session) printGenerated(text []byte, err error) error {
	if err != nil {
		return generateError(err)
	}
	s.printf("%s", text)
	return nil
}

// generateError names the flag of an option that cannot be.
func generateError(err error) error {
	var option *admission.OptionError
	if errors.As(err, &option) {
		return usageError("--%w", err)
	}
	return &exitError{exitUsage, err}
}

// policyOptions reads the flags, and the locks.
func (s *session) policyOptions(c *cli.Context) (vap.Options, error) {
	o := vap.Options{Name: c.String("name"), Only: c.StringSlice("only"), Exempt: c.StringSlice("exempt"), Repository: c.String("repository")}
	var err error
	if o.Form, err = vap.ParseForm(c.String("form")); err != nil {
		return o, usageError("--form: %w", err)
	}
	if o.Mode, err = admission.ParseMode(c.String("mode")); err != nil {
		return o, usageError("--mode: %w", err)
	}
	switch existing := c.String("existing"); {
	case existing == "allow":
		o.Existing = true
	case c.IsSet("existing"):
		return o, usageError("--existing %s: the only choice is allow", existing)
	}
	o.Locks, err = s.locks(c.Context, c.Args().Slice())
	return o, err
}

// locks reads plumb.lock of each lock root that is asked for.
func (s *session) locks(ctx context.Context, args []string) ([]*lockfile.Lock, error) {
	requests, err := s.requests(ctx, args)
	if err != nil {
		return nil, err
	}
	var out []*lockfile.Lock
	for _, q := range requests {
		name := s.display(q.dir, lockName)
		text, err := os.ReadFile(filepath.Join(q.dir, lockName))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, usageError("%s: there is none: to write it: plumb lock", name)
		case err != nil:
			return nil, &exitError{exitCannotTell, err}
		}
		l, err := lockfile.Parse(name, text)
		if err != nil {
			return nil, asUsage(err)
		}
		out = append(out, l)
	}
	return out, nil
}
