package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission"
)

func admissionCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:     "admission",
		Category: cli.CategoryCluster,
		Usage:    "admit only locked images to a cluster",
		Description: `Enforces plumb.lock in a cluster: by a validating webhook, which also checks
signatures, or by a ValidatingAdmissionPolicy, which needs no webhook.`,
		UsageText: `# Explain whether a Pod would be admitted
plumb admission explain -f pod.yaml

# Print the manifests that install the webhook
plumb admission manifests --git https://git.example.org/acme/cluster.git \
  --image registry.example.org/plumb@sha256:… --cert-manager

# Print the lock as a ValidatingAdmissionPolicy
plumb admission policy --exempt kube-system`,
		Subcommands: []*ucli.Command{serveCommand(s), admissionExplainCommand(s),
			admissionManifestsCommand(s), admissionPolicyCommand(s)},
		Action: func(c *ucli.Context) error {
			return cli.UsageError("plumb admission takes a command: serve, explain, manifests or "+
				"policy\n%s", cli.HelpHint(c))
		},
	}
}

// ruleFlags say what the cluster has to say besides the lock.
func ruleFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "mode", Value: "enforce", Category: cli.CategoryRules,
			Usage: "on an image that is not locked take `ACTION`: enforce, warn or audit"},
		&ucli.StringFlag{Name: "existing", Category: cli.CategoryRules,
			Usage: "if `warn`, admit updates that change no image, with a warning"},
		&ucli.StringSliceFlag{Name: "exempt", Category: cli.CategoryRules,
			Usage: "admit everything in `NAMESPACE`"},
		&ucli.StringSliceFlag{Name: "break-glass", Category: cli.CategoryRules,
			Usage: "allow `USER-OR-GROUP` to bypass plumb by the label " +
				admission.BreakGlassLabel +
				" on an object; its value is the reason"},
	}
}

// rulesOf reads ruleFlags.
func rulesOf(c *ucli.Context) (admission.Rules, error) {
	mode, err := admission.ParseMode(c.String("mode"))
	if err != nil {
		return admission.Rules{}, cli.UsageError("--mode: %w", err)
	}
	r := admission.Rules{Mode: mode, Exempt: c.StringSlice("exempt"),
		BreakGlass: c.StringSlice("break-glass")}
	switch existing := c.String("existing"); {
	case existing == "warn":
		r.Existing = true
	case c.IsSet("existing"):
		return admission.Rules{}, cli.UsageError("--existing %s: must be warn", existing)
	}
	return r, nil
}
