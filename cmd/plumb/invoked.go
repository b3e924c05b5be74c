package main

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// ownName is what plumb is called, unless kubectl runs it.
const ownName = "plumb"

// invokedAs is how people call the program that was run as args: kubectl runs
// "kubectl plumb" as kubectl-plumb.
func invokedAs(args []string) string {
	if len(args) == 0 {
		return ownName
	}
	name := filepath.Base(args[0])
	if ext := filepath.Ext(name); strings.EqualFold(ext, ".exe") {
		name = strings.TrimSuffix(name, ext)
	}
	if name == "kubectl-plumb" {
		return "kubectl plumb"
	}
	return ownName
}

// speakAs makes the help of app's commands, and what the session says to
// people, name plumb's commands by the name that plumb was called by.
func (s *session) speakAs(name string, app *cli.App) {
	if name == ownName {
		return
	}
	var names []string
	for _, c := range app.Commands {
		names = append(names, regexp.QuoteMeta(c.Name))
	}
	s.name = name
	// What has the full name already keeps it.
	s.command = regexp.MustCompile(`(?:kubectl )?\bplumb ((?:` + strings.Join(names, "|") + `)\b|--)`)
	app.Name = name
	app.Description = s.spoken(app.Description)
	s.speakIn(app.Commands)
}

func (s *session) speakIn(commands []*cli.Command) {
	for _, c := range commands {
		c.Description = s.spoken(c.Description)
		s.speakIn(c.Subcommands)
	}
}

// spoken is a text for people with plumb's commands as they have to be typed.
func (s *session) spoken(text string) string {
	if s.command == nil {
		return text
	}
	return s.command.ReplaceAllString(text, s.name+" $1")
}
