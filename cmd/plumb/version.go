package main

import (
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func versionCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Description: `Prints which plumb this is, and what built it.

   plumb version
   plumb version --output json`,
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return usageError("plumb version takes no arguments\n%s", helpHint(c))
			}
			platform := runtime.GOOS + "/" + runtime.GOARCH
			if s.json {
				return s.printJSON(struct {
					Schema   string `json:"schema"`
					Version  string `json:"version"`
					Go       string `json:"go"`
					Platform string `json:"platform"`
				}{"plumb.dev/version/v1", buildVersion(), runtime.Version(), platform})
			}
			s.printf("plumb %s (%s, %s)\n", buildVersion(), runtime.Version(), platform)
			return nil
		},
	}
}

// buildVersion is the version that the linker was told, else that of the module.
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
