package cli

import (
	"path/filepath"
	"regexp"
	"strings"

	cli "github.com/urfave/cli/v2"
)

// Name is what plumb is called, unless kubectl runs it.
const Name = "plumb"

// names are how people call plumb, where that is not by its own name.
type names struct {
	name    string
	command *regexp.Regexp // matches a command of plumb's in a text; nil with its own name
}

// InvokedAs is how people call the program that was run as args: kubectl runs
// "kubectl plumb" as kubectl-plumb.
func InvokedAs(args []string) string {
	if len(args) == 0 {
		return Name
	}
	name := filepath.Base(args[0])
	if ext := filepath.Ext(name); strings.EqualFold(ext, ".exe") {
		name = strings.TrimSuffix(name, ext)
	}
	if name == "kubectl-plumb" {
		return "kubectl plumb"
	}
	return Name
}

// SpeakAs makes the help of app's commands, and what the commands say to people,
// name plumb's commands by the name that plumb was called by.
func (o *IO) SpeakAs(name string, app *cli.App) {
	if name == Name {
		return
	}
	var commands []string
	for _, c := range app.Commands {
		commands = append(commands, regexp.QuoteMeta(c.Name))
	}
	o.names.name = name
	// What has the full name already keeps it.
	alternatives := strings.Join(commands, "|")
	o.names.command = regexp.MustCompile(`(?:kubectl )?\bplumb ((?:` + alternatives + `)\b|--)`)
	app.Name = name
	app.Description, app.UsageText = o.Spoken(app.Description), o.Spoken(app.UsageText)
	o.speakIn(app.Commands)
}

func (o *IO) speakIn(commands []*cli.Command) {
	for _, c := range commands {
		c.Description, c.UsageText = o.Spoken(c.Description), o.Spoken(c.UsageText)
		o.speakIn(c.Subcommands)
	}
}

// Spoken is a text for people with plumb's commands as they have to be typed.
func (o *IO) Spoken(text string) string {
	if o.names.command == nil {
		return text
	}
	return o.names.command.ReplaceAllString(text, o.names.name+" $1")
}
