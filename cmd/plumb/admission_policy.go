package main

import (
	"context"
	"errors"
	"io/fs"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/vap"
)

func admissionPolicyCommand(s *session) *ucli.Command {
	return &ucli.Command{
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
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "name", Value: "plumb", Usage: "call the objects `NAME`; each lock root in a cluster wants its own"},
			&ucli.StringFlag{Name: "form", Value: "buckets", Usage: "`FORM`: buckets (the digests are an object of their own) or literals (they are in the policy)"},
			&ucli.StringFlag{Name: "mode", Value: "enforce", Usage: "`MODE`: enforce, warn or audit"},
			&ucli.StringFlag{Name: "existing", Usage: "`allow` lets updates in that bring no image"},
			&ucli.StringSliceFlag{Name: "only", Usage: "judge `NAMESPACE` and no other; may be given more than once"},
			&ucli.StringSliceFlag{Name: "exempt", Usage: "judge nothing in `NAMESPACE`; may be given more than once"},
			&ucli.StringFlag{Name: "repository", Usage: "tell whom it rejects that `NAME` is where to mend it"},
			&ucli.BoolFlag{Name: "definition", Usage: "print only the definition of the kind that the digests are kept in, which must be there first"},
			&ucli.BoolFlag{Name: "check", Usage: "print nothing of that, but compare the cluster with it"},
			&ucli.StringFlag{Name: "from", Usage: "with --check: compare what `FILE` holds, as kubectl get -o json prints it; - for standard input"},
			&ucli.StringFlag{Name: "context", Usage: "with --check: ask the cluster of kubectl's context `NAME`"},
		},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			if !c.Bool("check") && (c.IsSet("from") || c.IsSet("context") || s.JSON()) {
				return cli.UsageError("--from, --context and --output json go with --check: what is printed without it is YAML")
			}
			if c.Bool("definition") {
				if c.Bool("check") {
					return cli.UsageError("--definition and --check exclude one another")
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
	s.Printf("%s", text)
	return nil
}

// generateError names the flag of an option that cannot be.
func generateError(err error) error {
	var option *admission.OptionError
	if errors.As(err, &option) {
		return cli.UsageError("--%w", err)
	}
	return cli.AsUsage(err)
}

// policyOptions reads the flags, and the locks.
func (s *session) policyOptions(c *ucli.Context) (vap.Options, error) {
	o := vap.Options{Name: c.String("name"), Only: c.StringSlice("only"), Exempt: c.StringSlice("exempt"), Repository: c.String("repository")}
	var err error
	if o.Form, err = vap.ParseForm(c.String("form")); err != nil {
		return o, cli.UsageError("--form: %w", err)
	}
	if o.Mode, err = admission.ParseMode(c.String("mode")); err != nil {
		return o, cli.UsageError("--mode: %w", err)
	}
	switch existing := c.String("existing"); {
	case existing == "allow":
		o.Existing = true
	case c.IsSet("existing"):
		return o, cli.UsageError("--existing %s: the only choice is allow", existing)
	}
	o.Locks, err = s.locks(c.Context, c.Args().Slice())
	return o, err
}

// locks reads plumb.lock of each lock root that is asked for.
func (s *session) locks(ctx context.Context, args []string) ([]*lockfile.Lock, error) {
	requests, err := lockroot.Find(ctx, s.Dir, args)
	if err != nil {
		return nil, cli.Fail(err)
	}
	var out []*lockfile.Lock
	for _, q := range requests {
		l, err := lockroot.ReadLock(q.Dir, s.Dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, cli.UsageError("%s: no such file: to write it: plumb lock", s.Display(q.Dir, lockroot.LockFile))
		}
		if err != nil {
			return nil, cli.Fail(err)
		}
		out = append(out, l)
	}
	return out, nil
}
