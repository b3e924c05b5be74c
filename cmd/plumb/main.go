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

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// What the Makefile tells the linker of the checkout that it builds. A build
// without the Makefile finds the same in what the Go tool records by itself.
var (
	version    = "" // git describe
	commit     = "" // full commit id
	commitTime = "" // RFC 3339, UTC
	modified   = "" // "true" where the checkout differs from commit
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
func run(
	ctx context.Context, args []string, getenv func(string) string,
	stdin io.Reader, stdout, stderr io.Writer,
) int {
	log.SetOutput(io.Discard) // net/http would repeat there what servers send unasked
	out := bufio.NewWriterSize(stdout, 64<<10)
	o := &cli.IO{
		Getenv: getenv, Stdin: stdin, Stdout: out, Stderr: stderr,
		Terminal: cli.IsTerminal(stdout), Columns: cli.Columns(stdout, getenv),
		Build: thisBuild(),
	}
	registries := &cli.Registries{IO: o}
	defer registries.Close()
	app := newApp(o, registries)
	o.SpeakAs(cli.InvokedAs(args), app)
	if newCompleter(app).Answer(ctx, args, out) {
		_ = out.Flush() // a shell that is gone reads no error
		return cli.ExitYes
	}
	err := app.RunContext(ctx, cli.Arrange(app, args))
	if flushErr := out.Flush(); err == nil && flushErr != nil {
		err = cli.CannotTell(flushErr)
	}
	return o.Report(ctx, err)
}

// thisBuild is the build of the running program.
func thisBuild() cli.Build {
	b := cli.Build{
		Version: version, Commit: commit, CommitTime: commitTime, Modified: modified == "true",
	}
	return b.Complete()
}
