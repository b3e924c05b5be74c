package main

import "github.com/urfave/cli/v2"

func newApp(s *session) *cli.App {
	app := &cli.App{
		Name:    "plumb",
		Usage:   "pin what a Kubernetes repository refers to, and verify it without a network",
		Version: buildVersion(),
		Description: `plumb finds every image and OCI artifact that manifests name, pins each to its
digest in place, and keeps plumb.lock beside them. verify needs nothing but
the git tree.

   plumb list                    what the tree refers to
   plumb lock                    pin it
   plumb verify                  is all of it pinned and locked?
   plumb outdated                which tags have moved since
   plumb lock update nginx:1.27  move a pin

Exit status: 0 yes, 1 no, 2 usage or configuration, 3 cannot tell, 4 time ran out.`,
		Flags: commonFlags("`FORMAT`: text or json (or another that the command has)"),
		Commands: []*cli.Command{
			initCommand(s), listCommand(s), lockCommand(s), verifyCommand(s), outdatedCommand(s),
			policyCommand(s), evidenceCommand(s), admissionCommand(s), explainCommand(s), hookCommand(s),
			completionCommand(s), manCommand(s), versionCommand(s),
		},
		Writer:          s.stdout,
		ErrWriter:       s.stderr,
		HideHelpCommand: true,
		Suggest:         true,
		// A value may hold a comma, as PATH=NAMESPACE,NAMESPACE does.
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              onUsageError,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(c)
			}
			return cli.ShowAppHelp(c)
		},
	}
	plainFlags(app.Flags)
	for _, c := range app.Commands {
		finishCommand(c)
	}
	return app
}

// finishCommand gives a command what all of them have.
func finishCommand(c *cli.Command) {
	c.Flags = append(c.Flags, commonFlags("`FORMAT`: "+enumerate(formatsOf(c.Name), "or"))...)
	plainFlags(c.Flags)
	c.OnUsageError = onUsageError
	c.HideHelpCommand = true
	for _, sub := range c.Subcommands {
		finishCommand(sub)
	}
}

// plainFlags keeps help from saying that flags are not given unless they are.
func plainFlags(flags []cli.Flag) {
	for _, f := range flags {
		if b, ok := f.(*cli.BoolFlag); ok {
			b.DisableDefaultText = true
		}
	}
}

// commonFlags are those of every command; output is the usage of --output.
func commonFlags(output string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "C", Usage: "run as if started in `DIR`", Category: "common"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: output, Category: "common"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colours (also: NO_COLOR in the environment)", Category: "common"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "no progress, hints or summaries", Category: "common"},
		&cli.BoolFlag{Name: "verbose", Usage: "say more", Category: "common"},
	}
}
