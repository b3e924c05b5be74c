package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func policyCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:        "policy",
		Usage:       "say what policies make of images, and get what policies need",
		Description: `   plumb policy check ghcr.io/acme/web:1.4`,
		Subcommands: []*ucli.Command{policyCheckCommand(io, registries), policyImportCommand(io), policyTrustCommand(io)},
		Action:      cli.Subcommands("check", "import", "trust"),
	}
}
