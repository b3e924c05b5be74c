package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func manCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:        "man",
		Category:    cli.CategorySetup,
		Usage:       "print the manual page",
		Description: `Prints the manual page plumb(1), generated from the help of all commands.`,
		UsageText: `# Read the manual page
plumb man | man -l -

# Write the manual page to a file
plumb man > plumb.1`,
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() || io.JSON() {
				return cli.UsageError("plumb man takes no arguments and no --output\n%s", cli.HelpHint(c))
			}
			page, err := cli.Manual(c.App, io.Build)
			if err != nil {
				return err
			}
			io.Printf("%s", page)
			return nil
		},
	}
}
