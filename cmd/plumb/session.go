package main

import "github.com/plumb-dev/plumb/cmd/internal/cli"

// session is what a command talks to.
type session struct {
	*cli.IO
	registries *cli.Registries
}
