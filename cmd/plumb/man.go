package main

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

func manCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:  "man",
		Usage: "print the manual page",
		Description: `Prints plumb(1), made from what the commands say of themselves.

   plumb man | man -l -
   plumb man > plumb.1`,
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			if c.Args().Present() || s.json {
				return usageError("plumb man takes no arguments, and prints a manual page only\n%s", helpHint(c))
			}
			s.printf("%s", manual(c.App, thisBuild()))
			return nil
		},
	}
}

// described is a term of the manual with what it says of it.
type described struct{ term, says string }

var manualStatuses = []described{
	{"0", "yes: clean, done, equal"},
	{"1", "no: there are findings, or something would change"},
	{"2", "usage, plumb.yaml or plumb.lock that cannot be read"},
	{"3", "cannot tell: a network or a file failed; no file was changed, unless with --keep-going"},
	{"4", "time ran out (--timeout, 15 minutes by default); no file was changed, unless with --keep-going"},
}

var manualFiles = []described{
	{"plumb.yaml", "The configuration of a lock root, the directory that it lies in: which files, registries, platforms and exceptions. Optional; without one the top of the git repository is the lock root."},
	{"plumb.lock", "What each tracked name was resolved to. Written by plumb lock; to be committed."},
	{".plumb/evidence", "The signatures that satisfied policies, and the indexes of what is pinned below one that was signed, by their digest. Written by plumb lock; to be committed."},
	{"~/.cache/plumb", "What a scan found, what registries have by digest, and which images were accepted by their evidence. May be deleted at any time. $XDG_CACHE_HOME/plumb if that is set."},
	{"~/.config/plumb/verdicts.key", "A secret, without which nobody can write which images were accepted. Made at random where there is none, and kept to one machine; nothing is remembered if it would lie in the repository. $XDG_CONFIG_HOME/plumb if that is set."},
	{"~/.docker/config.json, ~/.config/containers/auth.json", "Credentials for registries, as docker login and podman login store them."},
}

var manualEnvironment = []described{
	{"REGISTRY_AUTH_FILE", "A file with credentials, which is asked before all others."},
	{"DOCKER_AUTH_CONFIG", "What config.json would hold; asked next."},
	{"DOCKER_CONFIG", "The directory of config.json, instead of ~/.docker."},
	{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy to ask registries through, and for which hosts not to."},
	{"SSL_CERT_FILE, SSL_CERT_DIR", "The authorities to trust, instead of the system's."},
	{"NO_COLOR", "No colours, if it is not empty."},
	{"XDG_CACHE_HOME, XDG_CONFIG_HOME", "Where caches and the secret are kept, instead of ~/.cache and ~/.config."},
	{"GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE", "Mean what they mean to git; a hook finds them set."},
}

// manual is the page of an app's commands, made by a build.
func manual(app *cli.App, b build) string {
	var p page
	date := ""
	if t, err := time.Parse(time.RFC3339, b.CommitTime); err == nil {
		date = t.UTC().Format(time.DateOnly)
	}
	p.title(ownName, 1, date, ownName+" "+b.Version)
	p.section("NAME")
	p.lines(ownName + " - " + app.Usage)
	p.section("SYNOPSIS")
	p.WriteString(strings.Join(synopsis(ownName, app.Commands), ".br\n"))
	description, examples := manualDescription(app.Description)
	p.section("DESCRIPTION")
	p.prose(description)
	p.section("COMMANDS")
	common := optionsOf(app.Flags)
	for _, c := range app.Commands {
		p.command(ownName, c, common)
	}
	p.section("COMMON OPTIONS")
	for _, o := range common {
		p.option(o)
	}
	for _, s := range []struct {
		title string
		items []described
	}{{"EXIT STATUS", manualStatuses}, {"FILES", manualFiles}, {"ENVIRONMENT", manualEnvironment}} {
		p.section(s.title)
		for _, i := range s.items {
			p.item(i.term, i.says)
		}
	}
	p.section("EXAMPLES")
	p.prose(examples)
	return p.String()
}

// manualDescription takes an app's description apart: what it says, and its
// examples. What it says of exit statuses has a section of its own.
func manualDescription(text string) (description, examples string) {
	var says, shows []string
	for block := range strings.SplitSeq(text, "\n\n") {
		switch {
		case strings.HasPrefix(block, "   "):
			shows = append(shows, block)
		case !strings.HasPrefix(block, "Exit status:"):
			says = append(says, block)
		}
	}
	return strings.Join(says, "\n\n"), strings.Join(shows, "\n\n")
}

// synopsis has a line for each command, and for those below it.
func synopsis(parent string, commands []*cli.Command) []string {
	var lines []string
	for _, c := range commands {
		if c.Hidden {
			continue
		}
		name := parent + " " + c.Name
		if isGroup(c) {
			lines = append(lines, synopsis(name, c.Subcommands)...)
			continue
		}
		line := `\fB` + roffText(name) + `\fR [\fIoptions\fR]`
		if c.ArgsUsage != "" {
			line += " " + roffText(c.ArgsUsage)
		}
		lines = append(append(lines, line+"\n"), synopsis(name, c.Subcommands)...)
	}
	return lines
}

// command describes a command and those below it.
func (p *page) command(parent string, c *cli.Command, common []option) {
	if c.Hidden {
		return
	}
	name := parent + " " + c.Name
	if !isGroup(c) {
		p.describe(name, c, common)
	}
	for _, sub := range c.Subcommands {
		p.command(name, sub, common)
	}
}

// isGroup reports whether a command does nothing but hold others.
func isGroup(c *cli.Command) bool {
	return len(c.Subcommands) > 0 && c.ArgsUsage == ""
}

// describe describes a command, with the options that are not as they are for
// all commands.
func (p *page) describe(name string, c *cli.Command, common []option) {
	p.subsection(strings.TrimSpace(name + " " + c.ArgsUsage))
	p.lines(strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + ".")
	if c.Description != "" {
		p.WriteString(".PP\n")
		p.prose(c.Description)
	}
	for _, o := range optionsOf(c.Flags) {
		if !slices.ContainsFunc(common, func(other option) bool { return o.names[0] == other.names[0] && o.says == other.says }) {
			p.option(o)
		}
	}
}

func (p *page) option(o option) {
	term := strings.Join(o.names, ", ")
	if o.value != "" {
		term += " " + o.value
	}
	says := o.says
	if o.initial != "" {
		says += " (default " + o.initial + ")"
	}
	p.item(term, says)
}
