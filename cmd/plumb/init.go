package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/githook"
	"github.com/plumb-dev/plumb/cmd/internal/scaffold"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// initOptions are what plumb init is to do.
type initOptions struct {
	*cli.IO
	stdout bool             // print, and write nothing
	hook   bool             // install the hook as well
	system *scaffold.System // whose file to write as well; nil for none
	source scaffold.Source  // of plumb, for CI
}

func initCommand(io *cli.IO) *ucli.Command {
	systems := scaffold.SystemNames()
	return &ucli.Command{
		Name:     "init",
		Category: cli.CategorySetup,
		Usage:    "write a plumb.yaml for what the repository uses",
		Description: `Reads the repository, prints what it uses, and writes a plumb.yaml that explains
every field. Optional fields are commented out, and filled in with what was
found. Existing files are not changed.`,
		UsageText: `# Write plumb.yaml
plumb init

# Also install the pre-commit hook and a GitHub workflow
plumb init --hook --ci github

# Print what GitLab CI needs, and write nothing
plumb init --ci gitlab --stdout

# Configure the pre-commit framework to build plumb from your clone of it
plumb init --ci pre-commit --repository https://git.example.com/plumb.git`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "stdout",
				Usage: "print plumb.yaml, or with --ci the CI file, and write nothing"},
			&ucli.BoolFlag{Name: "hook",
				Usage: "also install the pre-commit hook, as plumb hook install does"},
			&ucli.StringFlag{Name: "ci",
				Usage: "also write a file for the CI `SYSTEM`: " + cli.Enumerate(systems, "or")},
			&ucli.StringFlag{Name: "repository", Usage: "with --ci: the `URL` of the git repository " +
				"that CI builds plumb from, since plumb is not published yet"},
		},
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb init takes no arguments\n%s", cli.HelpHint(c))
			}
			o := &initOptions{IO: io, stdout: c.Bool("stdout"), hook: c.Bool("hook")}
			if err := o.setSource(c); err != nil {
				return err
			}
			if c.IsSet("ci") {
				system, ok := scaffold.SystemNamed(c.String("ci"))
				if !ok {
					return cli.UsageError("--ci %s: the systems are %s", c.String("ci"),
						cli.Enumerate(systems, "and"))
				}
				o.system = &system
			}
			if o.stdout && (o.hook || o.JSON()) {
				return cli.UsageError("--stdout is mutually exclusive with --hook and --output json")
			}
			return o.run(c.Context)
		},
	}
}

func (o *initOptions) run(ctx context.Context) error {
	t, found, err := o.look(ctx)
	if err != nil {
		return err
	}
	w := scaffold.Writes{Hook: o.hook, System: o.system, Source: o.source}
	if w.Config, err = scaffold.Config(filepath.Base(o.Dir), found); err != nil {
		return err
	}
	if o.stdout {
		if o.system != nil {
			w.Config = o.system.Text(o.source)
		}
		o.Printf("%s", w.Config)
		return nil
	}
	if t.Configured && !o.hook && o.system == nil {
		return cli.No(fmt.Errorf("%s: already exists, and was not changed\n"+
			"to print what plumb would write: plumb init --stdout", tree.ConfigFile))
	}
	if !o.JSON() {
		o.printFound(&found)
		if err := o.ask(ctx, t, &found, &w); err != nil {
			return cli.CannotTell(err)
		}
	}
	w.Bots = found.BotSystem(w.System)
	done, err := t.Write(ctx, w)
	switch {
	case errors.Is(err, scaffold.ErrExists):
		return cli.No(fmt.Errorf("%s: %w\nto print what to add to it: plumb init --ci %s --stdout",
			o.Display(t.Top, w.System.File), err, w.System.Name))
	case err != nil:
		return hookError(err)
	}
	return o.report(t, &found, w, done)
}

// setSource sets where CI has plumb from: this build's commit, and its module's
// repository or the one that --repository names.
func (o *initOptions) setSource(c *ucli.Context) error {
	o.source = scaffold.Source{Repository: "https://" + o.Build.Module}
	if !o.Build.Modified {
		o.source.Commit = o.Build.Commit
	}
	if !c.IsSet("repository") {
		return nil
	}
	if !c.IsSet("ci") {
		return cli.UsageError("--repository needs --ci")
	}
	o.source.Repository, o.source.Named = c.String("repository"), true
	if err := scaffold.CheckRepository(o.source.Repository); err != nil {
		return cli.UsageError("--repository: %v", err)
	}
	return nil
}

// look finds out what the repository uses.
func (o *initOptions) look(ctx context.Context) (*scaffold.Target, scaffold.Found, error) {
	var found scaffold.Found
	t, err := scaffold.NewTarget(ctx, o.Dir)
	if err != nil {
		return nil, found, cli.CannotTell(err)
	}
	if !t.Git && (o.hook || o.system != nil) {
		return nil, found, cli.UsageError("%s: not in a git work tree: --hook and --ci need one", o.Dir)
	}
	root, err := o.Loader(true).LoadOne(ctx, lockroot.Request{Dir: o.Dir})
	if err != nil {
		return nil, found, cli.Fail(err)
	}
	if found, err = scaffold.Find(ctx, root); err != nil {
		return nil, found, cli.CannotTell(err)
	}
	if o.hook && t.HooksError != nil {
		return nil, found, findHookError(t.HooksError)
	}
	if t.Git {
		err = found.FindRepository(t)
	}
	return t, found, cli.CannotTell(err)
}

func (o *initOptions) printFound(f *scaffold.Found) {
	o.Printf("%s, %d not pinned", cli.Count(f.References, "reference", "references"), f.Unpinned)
	if f.Uneditable > 0 {
		o.Printf(", %d that plumb cannot pin in place", f.Uneditable)
	}
	o.Printf("\n")
	for _, line := range f.Lines() {
		o.Printf("%s\n", cli.SanitizeTerminal(line))
	}
}

// ask adds the hook and a CI file to w, where a person is there to answer, and they
// are possible.
func (o *initOptions) ask(
	ctx context.Context, t *scaffold.Target, f *scaffold.Found, w *scaffold.Writes,
) error {
	if !o.Interactive() || !t.Git {
		return nil
	}
	answers := bufio.NewReader(o.Stdin)
	if !w.Hook && t.Hooks != nil && f.Hook == githook.None && t.Hooks.Refused(false) == nil {
		yes, err := o.Confirm(ctx, answers, "verify before each commit, by a git hook?")
		if err != nil {
			return err
		}
		w.Hook = yes
	}
	for _, name := range f.CI {
		s, _ := scaffold.SystemNamed(name)
		if there, err := t.HasFile(s); w.System != nil || err != nil || there {
			continue // no existing file is changed
		}
		question := fmt.Sprintf("verify in %s, by %s?", s.Title, o.Display(t.Top, s.File))
		yes, err := o.Confirm(ctx, answers, question)
		if err != nil {
			return err
		}
		if yes {
			w.System = &s
		}
	}
	return nil
}

// report prints what was done, and what to do next.
func (o *initOptions) report(
	t *scaffold.Target, f *scaffold.Found, w scaffold.Writes, done scaffold.Written,
) error {
	written := []string{}
	for _, name := range done.Files {
		written = append(written, o.Display(t.Top, name))
	}
	if o.JSON() {
		return o.PrintJSON(struct {
			Schema  string         `json:"schema"`
			Written []string       `json:"written"`
			Hooked  bool           `json:"hooked"`
			Found   scaffold.Found `json:"found"`
		}{"plumb.dev/init/v1", written, w.Hook, *f})
	}
	if w.Hook {
		printInstalled(o.IO, t.Hooks, done.Program, done.HookChanged)
	}
	for _, name := range written {
		o.Printf("%s: written\n", name)
	}
	for _, hint := range f.Next(t, w) {
		o.Hintf("%s\n", hint)
	}
	return nil
}
