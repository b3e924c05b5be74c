package cli

import (
	"slices"

	cli "github.com/urfave/cli/v2"
)

// The categories of flags in a command's help.
const (
	categoryCommon = "Common"

	// CategoryPolicy has the flags that say which policies count.
	CategoryPolicy = "Policy"
	// CategorySource has the flags that say where a lock comes from.
	CategorySource = "Lock source"
	// CategoryRules has the flags that say what a cluster enforces, and on whose objects.
	CategoryRules = "Admission"
	// CategoryServer has the flags that say how a webhook serves.
	CategoryServer = "Server"
	// CategoryCertificate has the flags that say what a webhook's certificate is.
	CategoryCertificate = "Certificate"
)

// commonFlags are the flags of every command besides --output.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "C", Category: categoryCommon, Usage: "run as if started in `DIR`"},
		&cli.BoolFlag{Name: "no-color", Category: categoryCommon,
			Usage: "print no colors (also: NO_COLOR in the environment)"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Category: categoryCommon,
			Usage: "print no progress, hints or summaries"},
		&cli.BoolFlag{Name: "verbose", Category: categoryCommon,
			Usage: "print requests, programs run and files read"},
	}
}

// FinishApp gives an app and its commands the common flags, and the messages that
// all have for wrong ones.
func FinishApp(app *cli.App) {
	app.Flags = append(app.Flags, commonFlags()...)
	app.Flags = append(app.Flags, OutputFlag(Text, JSON))
	withoutDefaults(app.Flags)
	app.OnUsageError = onUsageError
	for _, c := range app.Commands {
		finish(c)
	}
}

func finish(c *cli.Command) {
	c.Flags = append(c.Flags, commonFlags()...)
	if formatsOf(c.Flags) == nil {
		c.Flags = append(c.Flags, OutputFlag(Text, JSON))
	}
	withoutDefaults(c.Flags)
	c.OnUsageError = onUsageError
	c.HideHelpCommand = true
	for _, sub := range c.Subcommands {
		finish(sub)
	}
}

// withoutDefaults keeps help from saying of boolean flags that they are false by
// default.
func withoutDefaults(flags []cli.Flag) {
	for _, f := range flags {
		if b, ok := f.(*cli.BoolFlag); ok {
			b.DisableDefaultText = true
		}
	}
}

// stringFlag is the value of a flag wherever on the command line it was given.
func stringFlag(c *cli.Context, name string) string {
	for _, l := range c.Lineage() {
		if l.IsSet(name) {
			return l.String(name)
		}
	}
	return ""
}

// IsSet reports whether a boolean flag is given, wherever on the command line.
func IsSet(c *cli.Context, name string) bool {
	return slices.ContainsFunc(c.Lineage(), func(l *cli.Context) bool {
		return l.IsSet(name) && l.Bool(name)
	})
}

// OwnFlags are the flags of a command less the common ones.
func OwnFlags(flags []cli.Flag) []cli.Flag {
	return slices.DeleteFunc(slices.Clone(flags), func(f cli.Flag) bool {
		c, ok := f.(cli.CategorizableFlag)
		return f == cli.HelpFlag || ok && c.GetCategory() == categoryCommon
	})
}
