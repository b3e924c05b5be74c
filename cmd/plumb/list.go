package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/listing"
)

func listCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:      "list",
		Category:  cli.CategoryEveryday,
		Usage:     "list every external reference, offline",
		ArgsUsage: "[PATH…]",
		Description: `Lists every image and OCI artifact that the manifests refer to: where it is,
what it is, whether it is pinned, and whether plumb can pin it in place.

On a terminal the list fits its width and shows short digests. In a pipe, or with
--output wide, each reference is a line of its own, in full, and remarks go to
stderr. --output name prints each tracked name once.`,
		UsageText: `# List all references of the repository
plumb list

# List the references in one directory that are not pinned
plumb list --unpinned apps/web

# List each name once, with the number of its places
plumb list --by image

# List the names that are not pinned, one a line
plumb list --unpinned --output name

# List the files that have references that are not pinned
plumb list --output json |
  jq -r '.references[] | select(.pinned | not) | .file' | sort -u`,
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "by", Value: string(listing.ByFile),
				Usage: "group by `KEY`: file or image"},
			&ucli.BoolFlag{Name: "unpinned", Usage: "list only what is not pinned"},
			noCacheFlag("read every file, even if it has not changed"),
			cli.OutputFlag(cli.Text, cli.Wide, cli.NameOnly, cli.JSON),
		},
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			o := &listOptions{io, listing.By(c.String("by")), c.Bool("unpinned")}
			if err := o.check(); err != nil {
				return err
			}
			roots, err := io.LoadRoots(c.Context, c.Args().Slice(), !c.Bool("no-cache"))
			if err != nil {
				return err
			}
			l := listing.Gather(io, roots)
			if o.unpinned {
				l.OnlyUnpinned()
			}
			return l.Print(io, o.by)
		},
	}
}

func noCacheFlag(usage string) ucli.Flag {
	return &ucli.BoolFlag{Name: "no-cache", Usage: usage}
}

// listOptions are what plumb list is to do.
type listOptions struct {
	*cli.IO
	by       listing.By
	unpinned bool
}

// check refuses groups that there are not.
func (o *listOptions) check() error {
	switch {
	case o.by == listing.ByFile:
		return nil
	case o.by != listing.ByImage:
		return cli.UsageError("--by %s: the keys are file and image", o.by)
	case o.Format == cli.JSON || o.Format == cli.NameOnly:
		return cli.UsageError("--by image and --output %s are mutually exclusive", o.Format)
	}
	return nil
}
