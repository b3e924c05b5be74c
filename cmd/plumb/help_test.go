package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// helpApp is the app whose help the tests read, with all that it prints.
func helpApp() (*ucli.App, *bytes.Buffer) {
	var out bytes.Buffer
	app := newApp(&cli.IO{Stdout: &out, Stderr: &out}, nil)
	app.Setup()
	return app, &out
}

// eachCommand calls f with every command of an app, by its full name.
func eachCommand(app *ucli.App, f func(name string, c *ucli.Command)) {
	var walk func(parent string, commands []*ucli.Command)
	walk = func(parent string, commands []*ucli.Command) {
		for _, c := range commands {
			f(parent+" "+c.Name, c)
			walk(parent+" "+c.Name, c.Subcommands)
		}
	}
	walk(app.Name, app.Commands)
}

// Every command has help of all parts, which fits a terminal.
func TestHelpIsWhole(t *testing.T) {
	app, out := helpApp()
	eachCommand(app, func(name string, c *ucli.Command) {
		out.Reset()
		if err := app.Run(append(strings.Fields(name), "--help")); err != nil {
			t.Fatalf("%s --help: %v", name, err)
		}
		text := out.String()
		for _, part := range []string{
			"NAME\n   " + name + " - ", "USAGE\n", "DESCRIPTION\n", "EXAMPLES\n   # ", "COMMON FLAGS\n",
		} {
			if !strings.Contains(text, part) {
				t.Errorf("%s --help has no %q:\n%s", name, part, text)
			}
		}
		_, body, _ := strings.Cut(text, "USAGE\n")
		for line := range strings.Lines(body) {
			if utf8.RuneCountInString(line) > 81 {
				t.Errorf("%s --help has a line of more than 80 columns:\n%s", name, line)
			}
		}
		if strings.HasSuffix(c.Usage, ".") || !strings.HasSuffix(c.Description, ".") {
			t.Errorf("%s: Usage is a phrase, and Description is sentences", name)
		}
		if strings.Count(name, " ") == 1 && c.Category == "" {
			t.Errorf("%s: has no category", name)
		}
		for _, o := range cli.Options(cli.OwnFlags(c.Flags)) {
			if o.Value != "" && o.Long() == "--"+strings.ToLower(o.Value) {
				t.Errorf("%s: the placeholder of %s repeats its name", name, o.Long())
			}
		}
	})
}

// The examples in help are command lines of plumb's, each with a comment.
func TestHelpExamples(t *testing.T) {
	plumb := newCommandLine()
	check := func(name, examples string) {
		for line := range strings.SplitSeq(strings.ReplaceAll(examples, "\\\n", " "), "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			if err := plumb.check(t, line); err != nil {
				t.Errorf("%s: the example %s: %v", name, line, err)
			}
		}
		if !strings.HasPrefix(examples, "# ") {
			t.Errorf("%s: its examples do not begin with a # comment", name)
		}
	}
	check("plumb", plumb.app.UsageText)
	eachCommand(plumb.app, func(name string, c *ucli.Command) { check(name, c.UsageText) })
}
