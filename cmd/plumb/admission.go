package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission"
)

func admissionCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:  "admission",
		Usage: "let into a cluster only what the lock of its repository has",
		Description: `   plumb admission explain -f pod.yaml
   plumb admission serve --dir /var/lib/cluster --cert tls.crt --key tls.key
   plumb admission manifests --git https://git.example.org/acme/cluster.git --image IMAGE --cert-manager
   plumb admission policy --exempt kube-system`,
		Subcommands: []*ucli.Command{serveCommand(s), admissionExplainCommand(s), admissionManifestsCommand(s), admissionPolicyCommand(s)},
		Action: func(c *ucli.Context) error {
			return cli.UsageError("plumb admission takes a command: serve, explain, manifests or policy\n%s", cli.HelpHint(c))
		},
	}
}

// ruleFlags say what the cluster has to say besides the lock.
func ruleFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "mode", Value: "enforce", Usage: "`MODE`: enforce, warn or audit"},
		&ucli.StringFlag{Name: "existing", Usage: "`warn` lets updates in that change no image, with a warning"},
		&ucli.StringSliceFlag{Name: "exempt", Usage: "judge nothing in `NAMESPACE`; may be given more than once"},
		&ucli.StringSliceFlag{Name: "break-glass", Usage: "let `USER-OR-GROUP` send objects that bear the label " + admission.BreakGlassLabel + ", whose value is the reason; may be given more than once"},
	}
}

// rulesOf reads ruleFlags.
func rulesOf(c *ucli.Context) (admission.Rules, error) {
	mode, err := admission.ParseMode(c.String("mode"))
	if err != nil {
		return admission.Rules{}, cli.UsageError("--mode: %w", err)
	}
	r := admission.Rules{Mode: mode, Exempt: c.StringSlice("exempt"), BreakGlass: c.StringSlice("break-glass")}
	switch existing := c.String("existing"); {
	case existing == "warn":
		r.Existing = true
	case c.IsSet("existing"):
		return admission.Rules{}, cli.UsageError("--existing %s: the only choice is warn", existing)
	}
	return r, nil
}
