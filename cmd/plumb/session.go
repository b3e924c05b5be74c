package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/plumb-dev/plumb/verify/evidence"
)

// session is what a command talks to: its streams and the common flags.
type session struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // stdout is one

	dir            string // absolute; that of -C, else the working directory
	format         string // of --output, one of the command's
	json           bool   // format is formatJSON
	top            string // what the names of files in a format for other programs are relative to; "" for dir
	quiet, verbose bool
	color          bool // of stdout

	clients   map[string]*client // by what they were told
	remembers bool               // verdicts, from one run to the next
	verdicts  *evidence.Memory   // nil until it is needed

	name    string         // that people call plumb by, where it is not its own
	command *regexp.Regexp // matches a command of plumb's in a text; nil with its own name
}

// begin reads the common flags, which may stand before or behind the command.
func (s *session) begin(c *cli.Context) error {
	s.quiet, s.verbose = isSet(c, "quiet"), isSet(c, "verbose")
	if err := s.chooseFormat(c); err != nil {
		return err
	}
	s.color = s.terminal && !isSet(c, "no-color") && s.getenv("NO_COLOR") == "" && s.getenv("TERM") != "dumb"
	dir := flagValue(c, "C")
	abs, err := filepath.Abs(dir)
	if err != nil {
		return &exitError{exitCannotTell, err}
	}
	if info, err := os.Stat(abs); err != nil {
		return usageError("-C %s: %v", dir, err)
	} else if !info.IsDir() {
		return usageError("-C %s: is not a directory", dir)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return &exitError{exitCannotTell, err}
	}
	s.dir = abs
	return nil
}

// flagValue is the value of a flag wherever on the command line it was given.
func flagValue(c *cli.Context, name string) string {
	for _, l := range c.Lineage() {
		if l.IsSet(name) {
			return l.String(name)
		}
	}
	return ""
}

func isSet(c *cli.Context, name string) bool {
	for _, l := range c.Lineage() {
		if l.IsSet(name) && l.Bool(name) {
			return true
		}
	}
	return false
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (s *session) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.stdout, format, args...) }

// errorf prints to stderr, after what has been printed to stdout.
func (s *session) errorf(format string, args ...any) {
	if out, ok := s.stdout.(*bufio.Writer); ok {
		_ = out.Flush() // an error stays, and run reports it
	}
	_, _ = io.WriteString(s.stderr, legible(s.spoken(fmt.Sprintf(format, args...))))
}

// hintf prints for people's eyes, unless they said --quiet.
func (s *session) hintf(format string, args ...any) {
	if !s.quiet {
		s.errorf(format, args...)
	}
}

// printJSON writes one document, indented, to stdout.
func (s *session) printJSON(v any) error {
	e := json.NewEncoder(s.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// bold marks text on a terminal that shows colours.
func (s *session) bold(text string) string {
	if !s.color {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// display is how a file of a lock root is shown: relative to where the command
// runs, as compilers do.
func (s *session) display(root, name string) string {
	if root == s.dir {
		return name
	}
	return relative(s.dir, root, name)
}

// placed is how a file of a lock root is called in the format that is printed:
// as the repository has it where another program reads that, else as people are
// shown it.
func (s *session) placed(root, name string) string {
	if s.top == "" {
		return s.display(root, name)
	}
	return relative(s.top, root, name)
}

// relative is the name, seen from base, of a file of a lock root.
func relative(base, root, name string) string {
	rel, err := filepath.Rel(base, filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
