package cli

import (
	"slices"
	"strings"

	cli "github.com/urfave/cli/v2"
)

// Arrange puts a command line in the order in which the flag package reads it,
// commands, flags, arguments, so that "plumb verify deploy --output json" and
// "plumb --quiet verify" mean what they say. "plumb help lock" becomes "plumb
// lock --help". Arguments beside --help are left out; where they ought to be a command
// --help is, so that the command is unknown.
func Arrange(app *cli.App, args []string) []string {
	if len(args) == 0 {
		return args
	}
	path, takesOperands := args[:1:1], false
	var flags, help, operands []string
	commands, values := app.Commands, valueFlags(app.Flags)
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		a := rest[0]
		c := Find(commands, a)
		switch {
		case a == "--":
			operands = append(operands, rest[1:]...)
			rest = rest[:1]
		case a == "--help" || a == "-help" || a == "-h":
			help = []string{"--help"}
		case len(a) > 1 && a[0] == '-':
			flags = append(flags, a)
			if !slices.Contains(values, strings.TrimLeft(a, "-")) {
				break
			}
			if len(rest) == 1 {
				return append(path, flags...) // the flag package says what is missing
			}
			rest = rest[1:]
			flags = append(flags, rest[0])
		case c != nil && len(operands) == 0:
			path = append(path, a)
			commands, values = c.Subcommands, append(values, valueFlags(c.Flags)...)
			takesOperands = c.ArgsUsage != "" || len(c.Subcommands) == 0
		case a == "help" && len(path) == 1 && len(operands) == 0:
			help = []string{"--help"}
		default:
			operands = append(operands, a)
		}
	}
	switch {
	case len(operands) == 0 || help == nil:
	case takesOperands:
		operands = nil
	default:
		help = nil
	}
	out := append(append(path, flags...), help...)
	if len(operands) > 0 {
		out = append(append(out, "--"), operands...)
	}
	return out
}

// Find is the command of that name, or nil.
func Find(commands []*cli.Command, name string) *cli.Command {
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
