// Package cli is what all commands of plumb share: the streams that they read and
// write, the common flags, exit statuses, output formats, tables, progress and
// timeouts.
package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	cli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/lockfile/trace"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// IO is what a command reads from and writes to, and the values of the common
// flags.
type IO struct {
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Terminal       bool // Stdout is one
	Columns        int  // the width of that terminal

	// Dir is the absolute path of -C, else of the working directory.
	Dir string
	// Format is the value of --output, one of the command's formats.
	Format Format
	// Top is the directory that the names of files are relative to in a format for
	// other programs; "" for Dir. See NameForPrograms.
	Top            string
	Quiet, Verbose bool
	Color          bool // of Stdout

	// Build says which plumb this is.
	Build Build

	names names

	writing  sync.Mutex // to Stderr
	progress *Progress  // the last one that was drawn on Stderr, or nil
}

// Begin reads the common flags, which may stand before or behind the command. With
// --verbose, what is done in c's context from then on is traced.
func (o *IO) Begin(c *cli.Context) error {
	o.Quiet, o.Verbose = IsSet(c, "quiet"), IsSet(c, "verbose")
	if err := o.chooseFormat(c); err != nil {
		return err
	}
	o.Color = o.Terminal && !IsSet(c, "no-color") &&
		o.Getenv("NO_COLOR") == "" && o.Getenv("TERM") != "dumb"
	dir := stringFlag(c, "C")
	abs, err := filepath.Abs(dir)
	if err != nil {
		return CannotTell(err)
	}
	if info, err := os.Stat(abs); err != nil {
		return UsageError("-C %s: %v", dir, err)
	} else if !info.IsDir() {
		return UsageError("-C %s: is not a directory", dir)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return CannotTell(err)
	}
	o.Dir = abs
	if o.Verbose {
		c.Context = trace.With(c.Context, func(e trace.Event) { o.Tracef("%v", e) })
	}
	return nil
}

// JSON reports whether the command prints a JSON document.
func (o *IO) JSON() bool { return o.Format == JSON }

// Printf prints data to stdout.
func (o *IO) Printf(format string, args ...any) { _, _ = fmt.Fprintf(o.Stdout, format, args...) }

// Errorf prints to stderr, after what has been printed to stdout.
func (o *IO) Errorf(format string, args ...any) {
	if out, ok := o.Stdout.(*bufio.Writer); ok {
		_ = out.Flush() // an error stays, and the last flush reports it
	}
	o.toStderr(o.Spoken(fmt.Sprintf(format, args...)))
}

// Hintf prints to stderr what is for people only, unless they said --quiet.
func (o *IO) Hintf(format string, args ...any) {
	if !o.Quiet {
		o.Errorf(format, args...)
	}
}

// Tracef prints to stderr, as a line of its own, what was done, if the command is to be
// verbose. Many goroutines may call it at once.
func (o *IO) Tracef(format string, args ...any) {
	if !o.Verbose {
		return
	}
	o.toStderr("plumb: " + fmt.Sprintf(format, args...) + "\n")
}

// toStderr writes whole lines to stderr.
func (o *IO) toStderr(lines string) {
	o.writing.Lock()
	defer o.writing.Unlock()
	write := func() { _, _ = io.WriteString(o.Stderr, SanitizeTerminal(lines)) }
	if o.progress != nil {
		o.progress.above(write)
		return
	}
	write()
}

// Tracing returns next, traced if the command is to be verbose.
func (o *IO) Tracing(next http.RoundTripper) http.RoundTripper {
	if !o.Verbose {
		return next
	}
	return transport.Tracing(next, o.traceExchange)
}

func (o *IO) traceExchange(e transport.Exchange) { o.Tracef("%v", e) }

// PrintJSON writes one document, indented, to stdout.
func (o *IO) PrintJSON(v any) error {
	e := json.NewEncoder(o.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
