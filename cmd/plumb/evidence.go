package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func evidenceCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:     "evidence",
		Category: cli.CategorySignatures,
		Usage:    "show who signed the locked images",
		Description: `plumb lock stores the signatures that satisfied the policies in .plumb/evidence,
so that they can be verified offline.`,
		UsageText: `# Show the signers of all locked images
plumb evidence show`,
		Subcommands: []*ucli.Command{evidenceShowCommand(io)},
		Action:      cli.Subcommands("show"),
	}
}
