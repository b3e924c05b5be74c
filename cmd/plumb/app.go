package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// newApp is plumb's tree of commands, which read from and write to io and fetch from r.
func newApp(io *cli.IO, r *cli.Registries) *ucli.App {
	app := &ucli.App{
		Name:    "plumb",
		Usage:   "pin what a GitOps repository refers to, and verify it offline",
		Version: io.Build.Version,
		Description: `plumb finds the container images, OCI artifacts, git sources, charts and URLs
that Kubernetes manifests refer to, pins each to its content in place, and
records it in plumb.lock. plumb verify needs nothing but the repository.

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
			listCommand(io), lockCommand(io, r), verifyCommand(io, r), outdatedCommand(io, r),
			explainCommand(io), policyCommand(io, r), evidenceCommand(io),
			admissionCommand(io), initCommand(io), hookCommand(io),
			completionCommand(io), manCommand(io), versionCommand(io),
		},
		Writer:          io.Stdout,
		ErrWriter:       io.Stderr,
		HideHelpCommand: true,
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
