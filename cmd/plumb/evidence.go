package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func evidenceCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:        "evidence",
		Usage:       "show the proof that the tree keeps of who signed what",
		Description: `   plumb evidence show ghcr.io/acme/web:1.4`,
		Subcommands: []*ucli.Command{evidenceShowCommand(io)},
		Action:      cli.Subcommands("show"),
	}
}
