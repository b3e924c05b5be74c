package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

func hookCommand(s *session) *ucli.Command {
	action := func(run func(c *ucli.Context, f *hookFolder) error) ucli.ActionFunc {
		return func(c *ucli.Context) error {
			f, err := s.beginHook(c)
			if err != nil {
				return err
			}
			return run(c, f)
		}
	}
	return &ucli.Command{
		Name:     "hook",
		Category: cli.CategorySetup,
		Usage:    "install the pre-commit hook",
		Description: `The pre-commit hook runs plumb verify --staged, after the hook that was there
before, if any.`,
		UsageText: `# Install the hook
plumb hook install

# Exit 0 if git runs the hook, 1 if not
plumb hook status

# Remove the hook, and restore the previous one
plumb hook uninstall`,
		Action: func(c *ucli.Context) error {
			if c.Args().Present() {
				return cli.UsageError("plumb hook has no command %q\n%s", c.Args().First(), cli.HelpHint(c))
			}
			return cli.UsageError("plumb hook takes a command: install, uninstall or status\n%s", cli.HelpHint(c))
		},
		Subcommands: []*ucli.Command{
			{
				Name:  "install",
				Usage: "install the hook, and keep an existing one",
				Description: `Writes the pre-commit hook to where git looks for hooks: linked work trees share
their hooks, and core.hooksPath names another folder. An existing hook is kept
as ` + keptName + `, and runs first. A second run changes nothing.`,
				UsageText: `# Install the hook
plumb hook install

# Install a hook that runs another plumb
plumb hook install --plumb=/opt/plumb/bin/plumb`,
				Flags: []ucli.Flag{
					&ucli.StringFlag{Name: "plumb", Usage: "let the hook run `FILE`, or a command in PATH, instead of plumb"},
					&ucli.BoolFlag{Name: "force", Usage: "also install in a folder outside of the repository, which other repositories may share"},
				},
				Action: action(s.hookInstall),
			},
			{
				Name:  "uninstall",
				Usage: "remove the hook, and restore the previous one",
				Description: `Removes the pre-commit hook, and restores the one that was there before. A hook
that was changed since plumb wrote it stays.`,
				UsageText: `# Remove the hook
plumb hook uninstall`,
				Action: action(func(_ *ucli.Context, f *hookFolder) error { return s.hookUninstall(f) }),
			},
			{
				Name:        "status",
				Usage:       "report whether git runs the hook",
				Description: `Exit 0 if git runs the hook, 1 if not.`,
				UsageText: `# Report whether git runs the hook
plumb hook status`,
				Action: action(func(_ *ucli.Context, f *hookFolder) error { return s.hookStatus(f) }),
			},
		},
	}
}

// beginHook reads the flags and the hooks of the repository.
func (s *session) beginHook(c *ucli.Context) (*hookFolder, error) {
	if err := s.Begin(c); err != nil {
		return nil, err
	}
	if c.Args().Present() {
		return nil, cli.UsageError("plumb hook %s takes no argument\n%s", c.Command.Name, cli.HelpHint(c))
	}
	return s.hooks(c)
}

// hooks reads the hooks of the repository that the session is in.
func (s *session) hooks(c *ucli.Context) (*hookFolder, error) {
	f, err := readHooks(c.Context, s.Dir)
	switch {
	case errors.Is(err, tree.ErrNoWorkTree), errors.Is(err, tree.ErrNoHooks):
		return nil, cli.AsUsage(err)
	case err != nil:
		return nil, cli.CannotTell(err)
	}
	return f, nil
}

func (s *session) hookInstall(c *ucli.Context, f *hookFolder) error {
	p, err := s.hookPlumb(c.String("plumb"), c.IsSet("plumb"), f.InTree)
	if err != nil {
		return err
	}
	return s.installHook(f, p, c.Bool("force"))
}

// installHook puts the hook in place, and says so.
func (s *session) installHook(f *hookFolder, p hookPlumb, force bool) error {
	if err := s.hookRefusal(f, force); err != nil {
		return err
	}
	before := f.own()
	changed, err := f.install(hookScript(p))
	if err != nil {
		return cli.CannotTell(err)
	}
	if err := f.reread(); err != nil {
		return cli.CannotTell(err)
	}
	if s.JSON() {
		return s.printHook(f, changed)
	}
	path := s.displayHook(f.own().path)
	if !changed {
		s.Printf("%s: is plumb's already\n", path)
		return nil
	}
	s.Printf("%s: verifies what is about to be committed\n", path)
	if before.there() && !before.ours() {
		s.Printf("%s: was there before, and is run first\n", s.displayHook(f.kept.path))
		if !f.kept.executable() {
			s.Hintf("it has no execute bit: git did not run it, and neither does plumb's hook\n")
		}
	}
	s.hookHints(f, p)
	return nil
}

// hookPlumb says how a hook is to find plumb: as told, else in PATH, and else
// where this plumb is. What is committed is for other machines too, and names
// none of this one's paths.
func (s *session) hookPlumb(told string, isTold, inTree bool) (hookPlumb, error) {
	if !isTold {
		own, err := os.Executable()
		if err != nil || inTree {
			own = ""
		}
		return hookPlumb{cli.Name, filepath.ToSlash(own)}, nil
	}
	path := told
	if strings.ContainsRune(filepath.ToSlash(told), '/') && !filepath.IsAbs(told) {
		path = filepath.Join(s.Dir, told)
	}
	if _, err := exec.LookPath(path); err != nil {
		return hookPlumb{}, cli.UsageError("--plumb %s: cannot be run: %w", told, err)
	}
	return hookPlumb{command: filepath.ToSlash(path)}, nil
}

func (s *session) hookUninstall(f *hookFolder) error {
	if f.state() == hookChanged {
		return cli.No(fmt.Errorf("%s: has been changed since plumb wrote it: remove it by hand", s.displayHook(f.own().path)))
	}
	path, kept := f.own().path, f.kept.there()
	changed, err := f.uninstall()
	if err != nil {
		return cli.CannotTell(err)
	}
	if err := f.reread(); err != nil {
		return cli.CannotTell(err)
	}
	switch {
	case s.JSON():
		return s.printHook(f, changed)
	case !changed:
		s.Printf("%s: there is no hook of plumb's\n", s.displayHook(path))
	case kept && f.hook.there():
		s.Printf("%s: is as it was before plumb\n", s.displayHook(path))
	default:
		s.Printf("%s: is gone\n", s.displayHook(path))
	}
	return nil
}

func (s *session) hookStatus(f *hookFolder) error {
	state := f.state()
	if s.JSON() {
		if err := s.printHook(f, false); err != nil {
			return err
		}
	} else {
		s.hookText(f, state)
	}
	if state != hookInstalled {
		return cli.Status(cli.ExitNo)
	}
	return nil
}
