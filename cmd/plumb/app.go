package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

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

Exit status: 0 yes, 1 no, 2 usage or configuration, 3 cannot tell.`,
		Flags:                commonFlags(),
		Commands:             []*cli.Command{listCommand(s), lockCommand(s), verifyCommand(s), outdatedCommand(s)},
		Writer:               s.stdout,
		ErrWriter:            s.stderr,
		HideHelpCommand:      true,
		EnableBashCompletion: true,
		Suggest:              true,
		ExitErrHandler:       func(*cli.Context, error) {},
		OnUsageError:         onUsageError,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(c)
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		finishCommand(c)
	}
	return app
}

// finishCommand gives a command what all of them have.
func finishCommand(c *cli.Command) {
	c.Flags = append(c.Flags, commonFlags()...)
	c.OnUsageError = onUsageError
	c.HideHelpCommand = true
	for _, sub := range c.Subcommands {
		finishCommand(sub)
	}
}

func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "C", Usage: "run as if started in `DIR`", Category: "common"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT`: text or json", Category: "common"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colours (also: NO_COLOR in the environment)", Category: "common"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "no progress, hints or summaries", Category: "common"},
		&cli.BoolFlag{Name: "verbose", Usage: "say more", Category: "common"},
	}
}

// arrange puts flags before arguments, where the flag package looks for them,
// so that "plumb verify deploy --output json" means what it says.
func arrange(app *cli.App, args []string) []string {
	out := args[:min(len(args), 1):min(len(args), 1)]
	rest := args[len(out):]
	commands, values := app.Commands, valueFlags(app.Flags)
	var flags, operands []string
	for i := 0; i < len(rest); i++ {
		a := rest[i]
		switch {
		case a == "--":
			operands = append(operands, rest[i:]...)
			i = len(rest)
		case len(a) > 1 && a[0] == '-':
			flags = append(flags, a)
			if name := strings.TrimLeft(a, "-"); slices.Contains(values, name) && i+1 < len(rest) {
				i++
				flags = append(flags, rest[i])
			}
		default:
			if c := command(commands, a); c != nil && len(operands) == 0 {
				out = append(append(out, flags...), a)
				flags = nil
				commands, values = c.Subcommands, valueFlags(c.Flags)
				continue
			}
			operands = append(operands, a)
		}
	}
	return append(append(out, flags...), operands...)
}

func command(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// valueFlags are the names of the flags that take a value.
func valueFlags(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		if d, ok := f.(cli.DocGenerationFlag); ok && d.TakesValue() {
			names = append(names, f.Names()...)
		}
	}
	return names
}
