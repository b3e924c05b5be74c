package main

import (
	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// session is what a command talks to.
type session struct {
	*cli.IO

	clients   map[string]*client     // by what they were told
	remembers bool                   // verdicts, from one run to the next
	verdicts  *evidence.VerdictCache // nil until it is needed
}
