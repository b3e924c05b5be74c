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
		Description: `Prints a ValidatingAdmissionPolicy for Kubernetes 1.30 or later, its bindings
and, as its parameter, the digests of the lock roots of the PATHs. The API
server then admits only images whose digest is in plumb.lock, without a webhook.
It cannot check signatures: run plumb verify first.

A namespace's label plumb.dev/mode (enforce, warn, audit) takes precedence over
--mode. --check compares the objects in the cluster of kubectl's current context
with what would be printed for the same flags: exit 0 if they are equal, 1 if
not, 3 if they cannot be read.`,
		UsageText: `# Install the custom resource that holds the digests
plumb admission policy --definition | kubectl apply --server-side -f -

# Install or update the policy
plumb admission policy --exempt kube-system |
  kubectl apply --server-side --force-conflicts -f -

# Exit 1 if the policy in the cluster is outdated
plumb admission policy --exempt kube-system --check`,
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "name", Value: "plumb",
				Usage: "name the objects `STRING`, differently for each lock root in a cluster"},
			&ucli.StringFlag{Name: "form", Value: "buckets",
				Usage: "put the digests into `PLACE`: buckets (an object of their own) or " +
					"literals (the policy)"},
			&ucli.StringFlag{Name: "mode", Value: "enforce",
				Usage: "on an image that is not locked take `ACTION`: enforce, warn or audit"},
			&ucli.StringFlag{Name: "existing", Usage: "if `allow`, admit updates that change no " +
				"image"},
			&ucli.StringSliceFlag{Name: "only", Usage: "check only what is in `NAMESPACE`"},
			&ucli.StringSliceFlag{Name: "exempt", Usage: "admit everything in `NAMESPACE`"},
			&ucli.StringFlag{Name: "repository", Usage: "point to the repository `NAME` in " +
				"denials, as the place for the fix"},
			&ucli.BoolFlag{Name: "definition", Usage: "print only the CustomResourceDefinition " +
				"of the digests, to be installed first"},
			&ucli.BoolFlag{Name: "check", Usage: "print no policy; compare it with the one in " +
				"the cluster"},
			&ucli.StringFlag{Name: "from", Usage: "with --check: read the objects from `FILE` " +
				"(kubectl get -o json); - for standard input"},
			&ucli.StringFlag{Name: "context", Usage: "with --check: read the objects with " +
				"kubectl's context `NAME`"},
		},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			if !c.Bool("check") && (c.IsSet("from") || c.IsSet("context") || s.JSON()) {
				return cli.UsageError("--from, --context and --output json require --check")
			}
			if c.Bool("definition") {
				if c.Bool("check") {
					return cli.UsageError("--definition and --check are mutually exclusive")
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
	o := vap.Options{Name: c.String("name"), Only: c.StringSlice("only"),
		Exempt: c.StringSlice("exempt"), Repository: c.String("repository")}
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
		return o, cli.UsageError("--existing %s: must be allow", existing)
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
			return nil, cli.UsageError("%s: no such file: to write it: plumb lock",
				s.Display(q.Dir, lockroot.LockFile))
		}
		if err != nil {
			return nil, cli.Fail(err)
		}
		out = append(out, l)
	}
	return out, nil
}
