package main

import (
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func versionCommand(s *session) *ucli.Command {
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
			if err := s.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb version takes no arguments\n%s", cli.HelpHint(c))
			}
			return s.version(s.Build)
		},
	}
}

// version prints a build.
func (s *session) version(b cli.Build) error {
	if s.JSON() {
		return s.PrintJSON(struct {
			Schema string `json:"schema"`
			cli.Build
		}{"plumb.dev/version/v1", b})
	}
	s.Printf("plumb %s (%s, %s)\n", b.Version, b.Go, b.Platform)
	if b.Commit != "" {
		s.Printf("commit %s", b.Commit)
		if b.CommitTime != "" {
			s.Printf(" of %s", b.CommitTime)
		}
		if b.Modified {
			s.Printf(", with changes that are not committed")
		}
		s.Printf("\n")
	}
	if s.Verbose {
		for _, m := range b.Modules {
			s.Printf("%s %s\n", m.Path, m.Version)
		}
	}
	return nil
}
