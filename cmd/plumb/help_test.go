package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// helpApp is the app whose help the tests read, with all that it prints.
func helpApp() (*ucli.App, *bytes.Buffer) {
	var out bytes.Buffer
	app := newApp(&session{IO: &cli.IO{Stdout: &out, Stderr: &out}})
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
		for _, part := range []string{"NAME\n   " + name + " - ", "USAGE\n", "DESCRIPTION\n", "EXAMPLES\n   # ", "COMMON FLAGS\n"} {
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

// shellEnd ends a command of plumb's in an example.
var shellEnd = regexp.MustCompile(`[|>)]`)

// The examples in help are command lines of plumb's.
func TestHelpExamples(t *testing.T) {
	app, _ := helpApp()
	check := func(name, examples string) {
		for line := range strings.Lines(strings.ReplaceAll(examples, "\\\n", " ")) {
			_, command, found := strings.Cut(" "+line, " plumb ")
			if _, inner, ok := strings.Cut(line, "<(plumb "); ok {
				command, found = inner, true
			}
			if found && !strings.HasPrefix(line, "#") {
				checkExample(t, app, name, strings.Fields(shellEnd.Split(command, 2)[0]))
			}
		}
	}
	check("plumb", app.UsageText)
	eachCommand(app, func(name string, c *ucli.Command) {
		check(name, c.UsageText)
		for line := range strings.Lines(c.UsageText) {
			if strings.HasPrefix(line, "#") {
				return
			}
		}
		t.Errorf("%s: its examples have no # comment", name)
	})
}

// checkExample checks that the words of a command line are commands and flags of app.
func checkExample(t *testing.T, app *ucli.App, name string, words []string) {
	t.Helper()
	commands, options := app.Commands, cli.Options(app.Flags)
	for i, w := range words {
		if c := cli.Find(commands, w); c != nil {
			commands, options = c.Subcommands, cli.Options(c.Flags)
		} else if i == 0 {
			t.Errorf("%s: an example has the command plumb %s, which there is not", name, w)
		}
		flag, _, _ := strings.Cut(w, "=")
		if len(flag) > 1 && flag[0] == '-' && !hasName(options, flag) {
			t.Errorf("%s: an example has the flag %s, which there is not", name, flag)
		}
	}
}

func hasName(options []cli.Option, name string) bool {
	for _, o := range options {
		for _, n := range o.Names {
			if n == name {
				return true
			}
		}
	}
	return false
}
