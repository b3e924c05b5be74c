package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
)

func lockUpdateCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:      "update",
		Usage:     "move pins to the digests that their tags point to now",
		ArgsUsage: "[NAME…]",
		Description: `Resolves tracked names again, all of them or those that match a NAME, and moves
their pins in the manifests and in plumb.lock. A name with a version range in
plumb.yaml (track) moves to the newest tag in the range. A git source moves to the
commit that its ref is now, a chart's range to its newest version. A NAME is
written as in the manifests or as in plumb.lock, and may be a glob; a chart's name
alone is enough. Without a tag it means all tags of its repository.`,
		UsageText: `# Move all pins
plumb lock update

# Move the pins of one tag
plumb lock update nginx:1.27

# Move the pins of all tags of a repository
plumb lock update nginx

# Move all pins of an organization
plumb lock update 'ghcr.io/acme/**'

# Move what follows a branch or a range of a git repository
plumb lock update https://github.com/acme/bases.git`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a pin would move"},
			&ucli.BoolFlag{Name: "diff",
				Usage: "write nothing; print the changes as a patch; exit 1 if there are any"},
			keepGoingFlag(),
			cli.TimeoutFlag(),
			lockOutputFlag(),
		},
		Action: func(c *ucli.Context) error {
			o, err := newLockOptions(c, io, registries, "lock-update")
			if err != nil {
				return err
			}
			if o.update, err = resolver.NewSelection(c.Args().Slice()); err != nil {
				return cli.Fail(err)
			}
			return o.run(c)
		},
	}
}
