package cli

import cli "github.com/urfave/cli/v2"

// testApp has commands and flags of each kind.
func testApp() *cli.App {
	app := &cli.App{Commands: []*cli.Command{
		{Name: "list"},
		{Name: "lock", Flags: []cli.Flag{&cli.BoolFlag{Name: "check"}},
			Subcommands: []*cli.Command{{Name: "update", Flags: []cli.Flag{&cli.BoolFlag{Name: "check"}}}}},
		{Name: "hook", Subcommands: []*cli.Command{{Name: "install"}}},
		{Name: "verify", Flags: []cli.Flag{&cli.StringFlag{Name: "rev"}}},
	}}
	FinishApp(app)
	return app
}
