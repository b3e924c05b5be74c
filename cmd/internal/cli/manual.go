package cli

import (
	_ "embed"
	"strings"
	"time"

	cli "github.com/urfave/cli/v2"
)

//go:embed manual.md
var manualPage string

// Manual is the manual page, of section 1, of an app that a build made, by the
// generator of urfave/cli. It changes the texts of
// the app's commands.
func Manual(app *cli.App, b Build) (string, error) {
	date := ""
	if t, err := time.Parse(time.RFC3339, b.CommitTime); err == nil {
		date = t.UTC().Format(time.DateOnly)
	}
	app.Metadata = map[string]any{"date": date, "version": b.Version}
	app.Name = Name
	for _, c := range app.Commands {
		prepare(Name, c)
	}
	cli.MarkdownDocTemplate = manualPage
	return app.ToManWithSection(1)
}

// prepare puts into the usage of a command, which the generator prints, what it
// leaves out: the synopsis and the description. It leaves out the common flags, which
// have a section of their own.
func prepare(parent string, c *cli.Command) {
	name := parent + " " + c.Name
	synopsis := "**" + name + "**"
	if c.ArgsUsage != "" || len(c.Subcommands) == 0 {
		synopsis += strings.TrimRight(" [*flags*] "+escape(c.ArgsUsage), " ")
	}
	c.Usage = synopsis + "\n\n" + strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + "."
	if c.Description != "" {
		c.Usage += "\n\n" + c.Description
	}
	c.Flags = OwnFlags(c.Flags)
	for _, sub := range c.Subcommands {
		prepare(name, sub)
	}
}

// escape keeps Markdown from reading a synopsis as anything but text.
func escape(text string) string {
	return strings.NewReplacer("[", `\[`, "]", `\]`, "|", `\|`).Replace(text)
}
