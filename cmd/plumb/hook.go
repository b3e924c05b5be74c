package main

import (
	"context"
	"errors"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/githook"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

func hookCommand(io *cli.IO) *ucli.Command {
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
		Subcommands: []*ucli.Command{
			hookInstallCommand(io), hookUninstallCommand(io), hookStatusCommand(io),
		},
		Action: cli.Subcommands("install", "uninstall", "status"),
	}
}

// beginHook reads the common flags of a hook command, which takes no arguments.
func beginHook(io *cli.IO, c *ucli.Context) error {
	if err := io.Begin(c); err != nil {
		return err
	}
	if c.Args().Present() {
		return cli.UsageError("plumb hook %s takes no arguments\n%s", c.Command.Name, cli.HelpHint(c))
	}
	return nil
}

// findHook reads the hooks of the repository that dir is in.
func findHook(ctx context.Context, dir string) (*githook.Folder, error) {
	f, err := githook.Find(ctx, dir)
	return f, findHookError(err)
}

// findHookError is an error of githook.Find with its exit status.
func findHookError(err error) error {
	if errors.Is(err, tree.ErrNoWorkTree) || errors.Is(err, tree.ErrNoHooks) {
		return cli.AsUsage(err)
	}
	return cli.CannotTell(err)
}

// hookError is err with its exit status.
func hookError(err error) error {
	var refused *githook.RefusedError
	if errors.As(err, &refused) {
		return cli.No(err)
	}
	return cli.CannotTell(err)
}

// hookDocument is the state of the hook, as the document plumb.dev/hook/v1.
type hookDocument struct {
	Schema  string        `json:"schema"`
	State   githook.State `json:"state"`
	Changed bool          `json:"changed"`
	Hook    string        `json:"hook"`
	Kept    string        `json:"kept"`
	InTree  bool          `json:"inTree"`
}

func newHookDocument(f *githook.Folder, changed bool) hookDocument {
	return hookDocument{"plumb.dev/hook/v1", f.State(), changed, f.Path(), f.Kept(), f.InTree}
}
