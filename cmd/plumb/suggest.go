package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// onUsageError is what becomes of a flag that there is not, or that has no value.
func onUsageError(c *cli.Context, err error, _ bool) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: -"); ok {
		message = "there is no flag -" + name
		if len(name) > 1 {
			message = "there is no flag --" + strings.TrimPrefix(name, "-")
		}
		if near := cli.SuggestFlag(flagsOf(c), strings.TrimLeft(name, "-"), false); near != "" {
			message += "\ndid you mean " + near + "?"
		}
	}
	return usageError("%s\n%s", message, helpHint(c))
}

// flagsOf are the flags of the command that c is about.
func flagsOf(c *cli.Context) []cli.Flag {
	if c.Command != nil && len(c.Command.Flags) > 0 {
		return c.Command.Flags
	}
	return c.App.Flags
}

// unknownCommand is what becomes of a command that there is not.
func unknownCommand(c *cli.Context) error {
	name := c.Args().First()
	// The library gives a sentence, `Did you mean "list"?`.
	if near := cli.SuggestCommand(c.App.Commands, name); !strings.Contains(near, `"h`) {
		near = strings.TrimSuffix(strings.TrimPrefix(near, `Did you mean "`), `"?`)
		return usageError("there is no command %q\ndid you mean plumb %s?\n%s", name, near, helpHint(c))
	}
	return usageError("there is no command %q\n%s", name, helpHint(c))
}

func helpHint(c *cli.Context) string {
	name := c.App.HelpName
	if c.Command != nil && c.Command.HelpName != "" {
		name = c.Command.HelpName
	}
	return "for help: " + name + " --help"
}
