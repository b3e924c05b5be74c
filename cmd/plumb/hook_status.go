package main

import (
	"context"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/githook"
)

// hookStatusOptions are what plumb hook status is to do.
type hookStatusOptions struct{ *cli.IO }

func hookStatusCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:        "status",
		Usage:       "report whether git runs the hook",
		Description: `Exit 0 if git runs the hook, 1 if not.`,
		UsageText: `# Report whether git runs the hook
plumb hook status`,
		Action: func(c *ucli.Context) error {
			if err := beginHook(io, c); err != nil {
				return err
			}
			o := &hookStatusOptions{io}
			return o.run(c.Context)
		},
	}
}

func (o *hookStatusOptions) run(ctx context.Context) error {
	f, err := findHook(ctx, o.Dir)
	if err != nil {
		return err
	}
	if o.JSON() {
		if err := o.PrintJSON(newHookDocument(f, false)); err != nil {
			return err
		}
	} else {
		o.print(f)
	}
	if f.State() != githook.Installed {
		return cli.Status(cli.ExitNo)
	}
	return nil
}

// print tells people.
func (o *hookStatusOptions) print(f *githook.Folder) {
	path := f.Display(f.Path())
	switch f.State() {
	case githook.Installed:
		o.Printf("%s: installed\n", path)
		if kept := f.Kept(); kept != "" {
			o.Printf("%s: previous hook, runs first\n", f.Display(kept))
		}
	case githook.NotExecutable:
		o.Printf("%s: installed, but git does not run it: it has no execute bit\n", path)
		o.Hintf("    to fix it: plumb hook install\n")
	case githook.Changed:
		o.Printf("%s: has been modified since plumb wrote it\n", path)
	default:
		o.Printf("%s: not installed\n", path)
		o.Hintf("    to install it: plumb hook install\n")
	}
}
