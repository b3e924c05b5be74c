package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func newApp(s *session) *ucli.App {
	app := &ucli.App{
		Name:    "plumb",
		Usage:   "pin what a Kubernetes repository refers to, and verify it without a network",
		Version: s.Build.Version,
		Description: `plumb finds every image and OCI artifact that manifests name, pins each to its
digest in place, and keeps plumb.lock beside them. verify needs nothing but
the git tree.

   plumb list                    what the tree refers to
   plumb lock                    pin it
   plumb verify                  is all of it pinned and locked?
   plumb outdated                which tags have moved since
   plumb lock update nginx:1.27  move a pin

Exit status: 0 yes, 1 no, 2 usage or configuration, 3 cannot tell, 4 time ran out.`,
		Commands: []*ucli.Command{
			initCommand(s), listCommand(s.IO), lockCommand(s.IO, s.registries), verifyCommand(s.IO, s.registries), outdatedCommand(s.IO, s.registries),
			policyCommand(s.IO, s.registries), evidenceCommand(s.IO), admissionCommand(s), explainCommand(s), hookCommand(s),
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
