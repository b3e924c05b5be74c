package main

import (
	"context"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/githook"
)

// hookInstallOptions are what plumb hook install is to do.
type hookInstallOptions struct {
	*cli.IO
	program      string // that the hook runs, where namesProgram
	namesProgram bool
	force        bool // also where other repositories may share the folder
}

func hookInstallCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:  "install",
		Usage: "install the hook, and keep an existing one",
		Description: `Writes the pre-commit hook to where git looks for hooks: linked work trees share
their hooks, and core.hooksPath names another folder. An existing hook is kept
as ` + githook.KeptName + `, and runs first. A second run changes nothing.`,
		UsageText: `# Install the hook
plumb hook install

# Install a hook that runs another plumb
plumb hook install --plumb=/opt/plumb/bin/plumb`,
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "plumb",
				Usage: "let the hook run `FILE`, or a command in PATH, instead of plumb"},
			&ucli.BoolFlag{Name: "force",
				Usage: "also install in a folder outside of the repository, " +
					"which other repositories may share"},
		},
		Action: func(c *ucli.Context) error {
			if err := beginHook(io, c); err != nil {
				return err
			}
			o := &hookInstallOptions{
				IO: io, program: c.String("plumb"), namesProgram: c.IsSet("plumb"), force: c.Bool("force"),
			}
			return o.run(c.Context)
		},
	}
}

func (o *hookInstallOptions) run(ctx context.Context) error {
	f, err := findHook(ctx, o.Dir)
	if err != nil {
		return err
	}
	p := f.DefaultProgram()
	if o.namesProgram {
		if p, err = f.NamedProgram(o.program); err != nil {
			return cli.UsageError("--plumb %s: %w", o.program, err)
		}
	}
	changed, err := f.Install(p, o.force)
	if err != nil {
		return hookError(err)
	}
	if o.JSON() {
		return o.PrintJSON(newHookDocument(f, changed))
	}
	printInstalled(o.IO, f, p, changed)
	return nil
}

// printInstalled tells people of a hook that was installed.
func printInstalled(io *cli.IO, f *githook.Folder, p githook.Program, changed bool) {
	if !changed {
		io.Printf("%s: already installed\n", f.Display(f.Path()))
		return
	}
	io.Printf("%s: installed\n", f.Display(f.Path()))
	if kept := f.Kept(); kept != "" {
		io.Printf("%s: previous hook, runs first\n", f.Display(kept))
		if !f.KeptRuns() {
			io.Hintf("the previous hook has no execute bit: neither git nor plumb's hook runs it\n")
		}
	}
	for _, hint := range f.Hints(p) {
		io.Hintf("%s\n", hint)
	}
}
