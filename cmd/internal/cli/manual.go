package cli

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	cli "github.com/urfave/cli/v2"
)

//go:embed manual.md
var manualPage string

// Manual is the manual page, of section 1, of an app that a build made, by the
// generator of urfave/cli. It changes the texts of the app and its commands.
func Manual(app *cli.App, b Build) (string, error) {
	date := ""
	if t, err := time.Parse(time.RFC3339, b.CommitTime); err == nil {
		date = t.UTC().Format(time.DateOnly)
	}
	app.Name = Name
	app.Metadata = map[string]any{
		"date": date, "version": b.Version, "flags": definitions(Options(app.Flags)),
	}
	app.UsageText = "    " + strings.ReplaceAll(app.UsageText, "\n", "\n    ")
	for _, c := range app.Commands {
		prepare(Name, c)
	}
	cli.MarkdownDocTemplate = manualPage
	page, err := app.ToManWithSection(1)
	return escapeRoff(page), err
}

// prepare puts into the usage of a command, which the generator prints, what it
// leaves out: the synopsis, the description, and the placeholders of flags. It leaves out
// the common flags, which have a section of their own.
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
	if options := Options(OwnFlags(c.Flags)); len(options) > 0 {
		c.Usage += "\n\n" + definitions(options)
	}
	if c.UsageText != "" {
		c.Usage += "\n\nExamples:"
	}
	c.Flags = nil // the generator would leave out their placeholders
	for _, sub := range c.Subcommands {
		prepare(name, sub)
	}
}

// definitions lists flags in Markdown, as help does.
func definitions(options []Option) string {
	var b strings.Builder
	for _, o := range byName(options) {
		name, value := strings.TrimSpace(o.synopsis()), ""
		if o.Value != "" {
			name = strings.TrimSuffix(name, o.Value)
			value = "*" + escape(o.Value) + "*"
		}
		fmt.Fprintf(&b, "**%s**%s\n: %s\n\n", name, value, escape(o.explanation()))
	}
	return b.String()
}

// escapeRoff writes what is not ASCII as roff's escapes, which all formatters read.
func escapeRoff(page string) string {
	var b strings.Builder
	for _, r := range page {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

// escape keeps Markdown from reading a synopsis as anything but text.
func escape(text string) string {
	return strings.NewReplacer("[", `\[`, "]", `\]`, "|", `\|`).Replace(text)
}
