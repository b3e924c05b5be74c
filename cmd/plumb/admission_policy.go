package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/vap"
	"github.com/plumb-dev/plumb/verify/cluster"
)

func admissionPolicyCommand(io *cli.IO) *ucli.Command {
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
		Flags: policyFlags(),
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			o := &admissionPolicyOptions{io}
			if !c.Bool("check") && (c.IsSet("from") || c.IsSet("context") || io.JSON()) {
				return cli.UsageError("--from, --context and --output json require --check")
			}
			if c.Bool("definition") {
				if c.Bool("check") {
					return cli.UsageError("--definition and --check are mutually exclusive")
				}
				return printGenerated(io, vap.Definition(), nil)
			}
			options, err := o.options(c)
			if err != nil {
				return err
			}
			if c.Bool("check") {
				return o.compare(c, options)
			}
			text, err := vap.Policy(options)
			return printGenerated(io, text, err)
		},
	}
}

// policyFlags say what the policy demands, and what it is compared with.
func policyFlags() []ucli.Flag {
	return []ucli.Flag{
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
	}
}

// admissionPolicyOptions are what plumb admission policy is to do.
type admissionPolicyOptions struct{ *cli.IO }

// printGenerated prints what is to be applied to a cluster, or says why it has not.
func printGenerated(io *cli.IO, text []byte, err error) error {
	if err != nil {
		return generateError(err)
	}
	io.Printf("%s", text)
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

// options reads the flags, and the locks.
func (o *admissionPolicyOptions) options(c *ucli.Context) (vap.Options, error) {
	out := vap.Options{Name: c.String("name"), Only: c.StringSlice("only"),
		Exempt: c.StringSlice("exempt"), Repository: c.String("repository")}
	var err error
	if out.Form, err = vap.ParseForm(c.String("form")); err != nil {
		return out, cli.UsageError("--form: %w", err)
	}
	if out.Mode, err = admission.ParseMode(c.String("mode")); err != nil {
		return out, cli.UsageError("--mode: %w", err)
	}
	switch existing := c.String("existing"); {
	case existing == "allow":
		out.Existing = true
	case c.IsSet("existing"):
		return out, cli.UsageError("--existing %s: must be allow", existing)
	}
	out.Locks, err = o.locks(c.Context, c.Args().Slice())
	return out, err
}

// locks reads plumb.lock of each lock root that is asked for.
func (o *admissionPolicyOptions) locks(
	ctx context.Context, args []string,
) ([]*lockfile.Lock, error) {
	requests, err := lockroot.Find(ctx, o.Dir, args)
	if err != nil {
		return nil, cli.Fail(err)
	}
	var out []*lockfile.Lock
	for _, q := range requests {
		l, err := lockroot.ReadLock(q.Dir, o.Dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, cli.UsageError("%s: no such file: to write it: plumb lock",
				o.Display(q.Dir, lockroot.LockFile))
		}
		if err != nil {
			return nil, cli.Fail(err)
		}
		out = append(out, l)
	}
	return out, nil
}

// compare says in what the cluster's policy is not what would be printed.
func (o *admissionPolicyOptions) compare(c *ucli.Context, options vap.Options) error {
	if c.IsSet("from") && c.IsSet("context") {
		return cli.UsageError("--from and --context are mutually exclusive")
	}
	live, err := o.live(c, options)
	if err != nil {
		return err
	}
	differences, err := options.Compare(live)
	if err != nil {
		return generateError(err)
	}
	return o.printDifferences(differences)
}

// live reads the objects of --from, or gets them from the cluster.
func (o *admissionPolicyOptions) live(
	c *ucli.Context, options vap.Options,
) ([]map[string]any, error) {
	if _, err := options.Refs(); err != nil {
		return nil, generateError(err)
	}
	if c.IsSet("from") {
		objects, err := readObjects(o.IO, c.String("from"), o.Dir)
		if err == nil && len(objects) == 0 {
			err = fmt.Errorf("%s: no objects", c.String("from")) // as of a kubectl that failed
		}
		return objects, cli.CannotTell(err)
	}
	objects, err := options.Live(c.Context, cluster.Kubectl{Context: c.String("context")}.Get)
	if errors.Is(err, cluster.ErrNoKubectl) {
		err = fmt.Errorf("%w: to compare its output from elsewhere: --from FILE", err)
	}
	return objects, cli.CannotTell(err)
}

func (o *admissionPolicyOptions) printDifferences(differences []vap.Difference) error {
	code := cli.ExitYes
	if len(differences) > 0 {
		code = cli.ExitNo
	}
	if o.JSON() {
		if err := o.PrintJSON(struct {
			Schema      string           `json:"schema"`
			OK          bool             `json:"ok"`
			Differences []vap.Difference `json:"differences"`
		}{"plumb.dev/admission-policy/v1", code == cli.ExitYes,
			append([]vap.Difference{}, differences...)}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, d := range differences {
		o.Printf("%s: %s\n", strings.Join(append([]string{d.Object}, cli.NonEmpty(d.Field)...),
			": "), d.Message)
	}
	if code != cli.ExitYes {
		o.Hintf("%s; to fix it: plumb admission policy with the same flags | kubectl apply "+
			"--server-side --force-conflicts -f -\n",
			cli.Count(len(differences), "difference", "differences"))
	}
	return cli.Status(code)
}
