package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// versionOptions are what plumb version is to do.
type versionOptions struct{ *cli.IO }

func versionCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:     "version",
		Category: cli.CategorySetup,
		Usage:    "print the version and build details",
		Description: `Prints the version, the commit that it was built from, its time, and whether the
checkout had changes. --verbose lists the modules linked in.`,
		UsageText: `# Print the version
plumb version

# Print the version and all modules as JSON
plumb version --output json`,
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb version takes no arguments\n%s", cli.HelpHint(c))
			}
			o := &versionOptions{io}
			return o.run()
		},
	}
}

// run prints the build.
func (o *versionOptions) run() error {
	b := o.Build
	if o.JSON() {
		return o.PrintJSON(struct {
			Schema string `json:"schema"`
			cli.Build
		}{"plumb.dev/version/v1", b})
	}
	o.Printf("plumb %s (%s, %s)\n", b.Version, b.Go, b.Platform)
	if b.Commit != "" {
		o.Printf("commit %s", b.Commit)
		if b.CommitTime != "" {
			o.Printf(" of %s", b.CommitTime)
		}
		if b.Modified {
			o.Printf(", with uncommitted changes")
		}
		o.Printf("\n")
	}
	if o.Verbose {
		for _, m := range b.Modules {
			o.Printf("%s %s\n", m.Path, m.Version)
		}
	}
	return nil
}
