package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
)

func lockUpdateCommand(io *cli.IO, registries *cli.Registries) *ucli.Command {
	return &ucli.Command{
		Name:      "update",
		Usage:     "move pins to what their tags mean now",
		ArgsUsage: "[NAME…]",
		Description: `Resolves tracked names again, all of them or those that match a NAME, and moves
their pins in manifests and lock. A name for which plumb.yaml gives a range
(track) moves to the newest tag in it. A NAME is as in the manifests or as in the
lock, and may be a glob; without a tag it means all tags of its repository.

   plumb lock update
   plumb lock update nginx:1.27
   plumb lock update nginx
   plumb lock update 'ghcr.io/acme/**'`,
		Flags: []ucli.Flag{
			lockOutputFlag(),
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a pin would move"},
			&ucli.BoolFlag{Name: "diff", Usage: "write nothing; print what would change; exit 1 if something would"},
			keepGoingFlag(),
			cli.TimeoutFlag(),
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
