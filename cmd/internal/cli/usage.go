package cli

import (
	"regexp"
	"slices"
	"strings"

	cli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/lockfile/spelling"
)

// onUsageError is the error of flags that cannot be read.
func onUsageError(c *cli.Context, err error, _ bool) error {
	return UsageError("%s\n%s", flagError(flagsOf(c), err.Error()), HelpHint(c))
}

// flagError says in plumb's words what the flag package and urfave/cli say of flags in
// theirs.
func flagError(flags []cli.Flag, message string) string {
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: -"); ok {
		name = strings.TrimLeft(name, "-")
		return "unknown flag " + dashed(name) + DidYouMean("--", name, longNames(flags))
	}
	if name, ok := strings.CutPrefix(message, "flag needs an argument: -"); ok {
		return "flag " + dashed(name) + " needs a value"
	}
	if text, ok := strings.CutPrefix(message, "bad flag syntax: "); ok {
		return "invalid flag " + text
	}
	const twice = "Cannot use two forms of the same flag: "
	if names, ok := strings.CutPrefix(message, twice); ok {
		short, long, _ := strings.Cut(names, " ")
		return dashed(long) + " and " + dashed(short) + " are the same flag"
	}
	value := regexp.MustCompile(
		`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([^:" ]+): (.*)$`)
	if m := value.FindStringSubmatch(message); m != nil {
		cause := m[3]
		if cause == "parse error" {
			cause = wrongValue(flags, m[2])
		}
		return "invalid value " + m[1] + " for " + dashed(m[2]) + ": " + cause
	}
	return message
}

// wrongValue says what the value of a flag has to be.
func wrongValue(flags []cli.Flag, name string) string {
	i := slices.IndexFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i >= 0 {
		switch flags[i].(type) {
		case *cli.DurationFlag:
			return "not a duration such as 90s or 5m"
		case *cli.IntFlag:
			return "not a whole number"
		}
	}
	return "neither true nor false"
}

// dashed is the name of a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// longNames are the long names of the flags that are not hidden, without their dashes.
func longNames(flags []cli.Flag) []string {
	var names []string
	for _, o := range Options(flags) {
		if name, ok := strings.CutPrefix(o.Long(), "--"); ok {
			names = append(names, name)
		}
	}
	return names
}

// flagsOf are the flags of the command that c is about.
func flagsOf(c *cli.Context) []cli.Flag {
	if c.Command != nil && len(c.Command.Flags) > 0 {
		return c.Command.Flags
	}
	return c.App.Flags
}

// DidYouMean asks, on a line of its own, whether one of names is meant by word, with what
// is typed before it; "" if none is near.
func DidYouMean(before, word string, names []string) string {
	near := spelling.Nearest(word, names)
	if near == "" {
		return ""
	}
	return "\ndid you mean " + before + near + "?"
}

// UnknownCommand is the error of a command line whose first argument is not a
// command.
func UnknownCommand(c *cli.Context) error {
	names := []string{"help"}
	for _, command := range c.App.Commands {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	name := c.Args().First()
	return UsageError("unknown command %q%s\n%s", name,
		DidYouMean(c.App.HelpName+" ", name, names), HelpHint(c))
}

// Subcommands is the action of a command that needs another one behind it.
func Subcommands(names ...string) cli.ActionFunc {
	return func(c *cli.Context) error {
		name, parent := c.Args().First(), c.Command.HelpName
		if !c.Args().Present() {
			return UsageError("%s needs a command: %s\n%s", parent, Enumerate(names, "or"), HelpHint(c))
		}
		if near := DidYouMean(parent+" ", name, names); near != "" {
			return UsageError("unknown command %q%s\n%s", name, near, HelpHint(c))
		}
		return UsageError("unknown command %q: the commands of %s are %s\n%s",
			name, parent, Enumerate(names, "and"), HelpHint(c))
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
