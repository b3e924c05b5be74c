package main

import (
	"context"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// hookUninstallOptions are what plumb hook uninstall is to do.
type hookUninstallOptions struct{ *cli.IO }

func hookUninstallCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:  "uninstall",
		Usage: "remove the hook, and restore the previous one",
		Description: `Removes the pre-commit hook, and restores the one that was there before. A hook
that was modified since plumb wrote it stays.`,
		UsageText: `# Remove the hook
plumb hook uninstall`,
		Action: func(c *ucli.Context) error {
			if err := beginHook(io, c); err != nil {
				return err
			}
			o := &hookUninstallOptions{io}
			return o.run(c.Context)
		},
	}
}

func (o *hookUninstallOptions) run(ctx context.Context) error {
	f, err := findHook(ctx, o.Dir)
	if err != nil {
		return err
	}
	path, kept := f.Display(f.Path()), f.Kept() != ""
	changed, err := f.Uninstall()
	switch {
	case err != nil:
		return hookError(err)
	case o.JSON():
		return o.PrintJSON(newHookDocument(f, changed))
	case !changed:
		o.Printf("%s: not installed\n", path)
	case kept && f.Exists():
		o.Printf("%s: removed, and the previous hook restored\n", path)
	default:
		o.Printf("%s: removed\n", path)
	}
	return nil
}
