package main

import (
	"context"
	"path/filepath"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/complete"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
)

// completionOptions are what plumb completion is to do.
type completionOptions struct {
	*cli.IO
	shell string
}

func completionCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:      "completion",
		Category:  cli.CategorySetup,
		Usage:     "print a shell completion script",
		ArgsUsage: strings.Join(complete.Shells(), "|"),
		Description: `The script completes commands, flags, their values, and the names in plumb.lock.
It works offline.

The script for kubectl is an executable that belongs into PATH; with it, kubectl
completes behind "kubectl plumb".`,
		UsageText: `# Complete in the current bash
source <(plumb completion bash)

# Complete in the current zsh
source <(plumb completion zsh)

# Complete in the current fish
plumb completion fish | source

# Complete behind kubectl plumb
plumb completion kubectl > /usr/local/bin/kubectl_complete-plumb`,
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if io.JSON() {
				return cli.UsageError("--output json: a script cannot be printed as JSON\n%s", cli.HelpHint(c))
			}
			if c.NArg() != 1 {
				return cli.UsageError("plumb completion takes one argument: %s\n%s",
					cli.Enumerate(complete.Shells(), "or"), cli.HelpHint(c))
			}
			o := &completionOptions{io, c.Args().First()}
			return o.run()
		},
	}
}

func (o *completionOptions) run() error {
	script, ok := complete.Script(o.shell)
	if !ok {
		return cli.UsageError("unknown shell %q: the shells are %s", o.shell,
			cli.Enumerate(complete.Shells(), "and"))
	}
	o.Printf("%s", script)
	return nil
}

// newCompleter completes the command lines of app for the scripts.
func newCompleter(app *ucli.App) *complete.Completer {
	return &complete.Completer{App: app, Sources: map[string]complete.Source{
		"RULE": ruleCandidates, "NAME": nameCandidates,
	}}
}

func ruleCandidates(context.Context, string, string) []complete.Candidate {
	var out []complete.Candidate
	for _, r := range verify.Rules() {
		out = append(out, complete.Candidate{Text: r.Name, Says: r.Says})
	}
	return out
}

// nameCandidates are the names in the lock of dir's lock root, and their short forms
// where word begins so ("nginx:1.27").
func nameCandidates(ctx context.Context, dir, word string) []complete.Candidate {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	top, _, err := tree.Enclosing(ctx, dir)
	if err != nil {
		return nil
	}
	l, err := lockroot.ReadLock(top, "")
	if err != nil {
		return nil
	}
	var out []complete.Candidate
	for _, e := range l.Entries {
		out = append(out, complete.Candidate{Text: e.Name})
		if short := shortName(e.Name); word != "" && short != e.Name {
			out = append(out, complete.Candidate{Text: short})
		}
	}
	return out
}

// shortName is a tracked name without what people leave out.
func shortName(name string) string {
	if rest, ok := strings.CutPrefix(name, "docker.io/library/"); ok {
		return rest
	}
	return strings.TrimPrefix(name, "docker.io/")
}
