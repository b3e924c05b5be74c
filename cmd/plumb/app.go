package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func newApp(s *session) *ucli.App {
	app := &ucli.App{
		Name:    "plumb",
		Usage:   "pin what a GitOps repository refers to, and verify it offline",
		Version: s.Build.Version,
		Description: `plumb finds every container image and OCI artifact that Kubernetes manifests
refer to, pins each to its digest in place, and records it in plumb.lock.
plumb verify needs nothing but the repository.

Exit status: 0 yes, 1 no, 2 usage or configuration, 3 cannot tell, 4 time ran out.`,
		UsageText: `# List what the repository refers to
plumb list

# Pin it
plumb lock

# Check that everything is pinned and locked
plumb verify

# List tags that have moved, and move the pins of one
plumb outdated
plumb lock update nginx:1.27`,
		Commands: []*ucli.Command{
			listCommand(s.IO), lockCommand(s.IO, s.registries), verifyCommand(s.IO, s.registries),
			outdatedCommand(s.IO, s.registries), explainCommand(s), policyCommand(s.IO, s.registries),
			evidenceCommand(s.IO), admissionCommand(s.IO), initCommand(s.IO), hookCommand(s.IO),
			completionCommand(s), manCommand(s), versionCommand(s),
		},
		Writer:          s.Stdout,
		ErrWriter:       s.Stderr,
		HideHelpCommand: true,
		Suggest:         true,
		// A value may hold a comma, as PATH=NAMESPACE,NAMESPACE does.
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*ucli.Context, error) {},
		Action: func(c *ucli.Context) error {
			if c.Args().Present() {
				return cli.UnknownCommand(c)
			}
			return ucli.ShowAppHelp(c)
		},
	}
	cli.FinishApp(app)
	return app
}
