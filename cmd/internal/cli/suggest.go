package cli

import (
	"strings"

	cli "github.com/urfave/cli/v2"
)

// onUsageError is the error of an unknown flag, or of one without its value.
func onUsageError(c *cli.Context, err error, _ bool) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: -"); ok {
		message = "unknown flag -" + name
		if len(name) > 1 {
			message = "unknown flag --" + strings.TrimPrefix(name, "-")
		}
		if near := cli.SuggestFlag(flagsOf(c), strings.TrimLeft(name, "-"), false); near != "" {
			message += "\ndid you mean " + near + "?"
		}
	}
	return UsageError("%s\n%s", message, HelpHint(c))
}

// flagsOf are the flags of the command that c is about.
func flagsOf(c *cli.Context) []cli.Flag {
	if c.Command != nil && len(c.Command.Flags) > 0 {
		return c.Command.Flags
	}
	return c.App.Flags
}

// UnknownCommand is the error of a command line whose first argument is not a
// command.
func UnknownCommand(c *cli.Context) error {
	name := c.Args().First()
	// The library gives a sentence, `Did you mean "list"?`.
	if near := cli.SuggestCommand(c.App.Commands, name); !strings.Contains(near, `"h`) {
		near = strings.TrimSuffix(strings.TrimPrefix(near, `Did you mean "`), `"?`)
		return UsageError("unknown command %q\ndid you mean plumb %s?\n%s", name, near, HelpHint(c))
	}
	return UsageError("unknown command %q\n%s", name, HelpHint(c))
}

// Subcommands is the action of a command that needs another one behind it.
func Subcommands(names ...string) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.Args().Present() {
			return UsageError("unknown command %q: the commands of %s are %s\n%s",
				c.Args().First(), c.Command.HelpName, Enumerate(names, "and"), HelpHint(c))
		}
		return UsageError("%s needs a command: %s\n%s",
			c.Command.HelpName, Enumerate(names, "or"), HelpHint(c))
	}
}

// HelpHint says how to get help on a command.
func HelpHint(c *cli.Context) string {
	name := c.App.HelpName
	if c.Command != nil && c.Command.HelpName != "" {
		name = c.Command.HelpName
	}
	return "for help: " + name + " --help"
}
