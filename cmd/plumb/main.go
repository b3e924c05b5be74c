// Command plumb pins what a Kubernetes repository refers to, and verifies from
// the repository alone that it is pinned.
package main

import (
	"bufio"
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if os.Getenv("GOGC") == "" {
		// A scan makes many small things that all live to the end.
		debug.SetGCPercent(200)
	}
	status := run(ctx, os.Args, os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	log.SetOutput(io.Discard) // net/http would repeat there what servers send unasked
	out := bufio.NewWriterSize(stdout, 64<<10)
	s := &session{getenv: getenv, stdin: stdin, stdout: out, stderr: stderr, terminal: isTerminal(stdout)}
	app := newApp(s)
	s.speakAs(invokedAs(args), app)
	if s.complete(ctx, app, args) {
		_ = out.Flush() // nobody reads what a shell's completion could not
		return exitYes
	}
	err := app.RunContext(ctx, arrange(app, args))
	if flushErr := out.Flush(); err == nil && flushErr != nil {
		err = &exitError{exitCannotTell, flushErr}
	}
	return s.report(ctx, err)
}
