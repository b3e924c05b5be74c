package main

import (
	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/verify/admission"
)

func admissionCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:  "admission",
		Usage: "let into a cluster only what the lock of its repository has",
		Description: `   plumb admission explain -f pod.yaml
   plumb admission serve --dir /var/lib/cluster --cert tls.crt --key tls.key
   plumb admission manifests --git https://git.example.org/acme/cluster.git --image IMAGE --cert-manager
   plumb admission policy --exempt kube-system`,
		Subcommands: []*cli.Command{serveCommand(s), admissionExplainCommand(s), admissionManifestsCommand(s), admissionPolicyCommand(s)},
		Action: func(c *cli.Context) error {
			return usageError("plumb admission takes a command: serve, explain, manifests or policy\n%s", helpHint(c))
		},
	}
}

// ruleFlags say what the cluster has to say besides the lock.
func ruleFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "mode", Value: "enforce", Usage: "`MODE`: enforce, warn or audit"},
		&cli.StringFlag{Name: "existing", Usage: "`warn` lets updates in that change no image, with a warning"},
		&cli.StringSliceFlag{Name: "exempt", Usage: "judge nothing in `NAMESPACE`; may be given more than once"},
		&cli.StringSliceFlag{Name: "break-glass", Usage: "let `USER-OR-GROUP` send objects that bear the label " + admission.BreakGlassLabel + ", whose value is the reason; may be given more than once"},
	}
}

// rulesOf reads ruleFlags.
func rulesOf(c *cli.Context) (admission.Rules, error) {
	mode, err := admission.ParseMode(c.String("mode"))
	if err != nil {
		return admission.Rules{}, usageError("--mode: %w", err)
	}
	r := admission.Rules{Mode: mode, Exempt: c.StringSlice("exempt"), BreakGlass: c.StringSlice("break-glass")}
	switch existing := c.String("existing"); {
	case existing == "warn":
		r.Existing = true
	case c.IsSet("existing"):
		return admission.Rules{}, usageError("--existing %s: the only choice is warn", existing)
	}
	return r, nil
}
