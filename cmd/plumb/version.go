package main

import "github.com/urfave/cli/v2"

func versionCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version and what it was built from",
		Description: `Prints which plumb this is, and what built it: the commit, its time, and
whether the checkout had changes. --verbose lists the modules linked in.

   plumb version
   plumb version --output json`,
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return usageError("plumb version takes no arguments\n%s", helpHint(c))
			}
			return s.version(thisBuild())
		},
	}
}

// version prints a build.
func (s *session) version(b build) error {
	if s.json {
		return s.printJSON(struct {
			Schema string `json:"schema"`
			build
		}{"plumb.dev/version/v1", b})
	}
	s.printf("plumb %s (%s, %s)\n", b.Version, b.Go, b.Platform)
	if b.Commit != "" {
		s.printf("commit %s", b.Commit)
		if b.CommitTime != "" {
			s.printf(" of %s", b.CommitTime)
		}
		if b.Modified {
			s.printf(", with changes that are not committed")
		}
		s.printf("\n")
	}
	if s.verbose {
		for _, m := range b.Modules {
			s.printf("%s %s\n", m.Path, m.Version)
		}
	}
	return nil
}
