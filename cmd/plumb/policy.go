package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func policyCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:     "policy",
		Category: cli.CategorySignatures,
		Usage:    "check images against policies; import keys and trust roots",
		Description: `Works with the sigstore policies (ClusterImagePolicy and TrustRoot) in the
repository.`,
		UsageText: `# Explain which policies accept the locked images
plumb policy check

# Copy the keys that policies refer to into the policies
plumb policy import --from-cluster

# Fetch the trust roots of the policies
plumb policy trust`,
		Subcommands: []*ucli.Command{policyCheckCommand(io, registries),
			policyImportCommand(io), policyTrustCommand(io)},
		Action: cli.Subcommands("check", "import", "trust"),
	}
}
