package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// step is a part of the session. What it does comes in the order of its fields.
type step struct {
	say     string                 // to the reader
	change  func(s *session) error // done behind the session's back; may be nil
	command string                 // for the shell; "" for none
	exit    int                    // the status that the command must end with
	shows   []string               // what its output must contain, in this order
	asks    int                    // the requests that the registry must have got by it
}

// anyRequests as a step's asks means that their number does not matter.
const anyRequests = -1

// session is a shell in the cluster repository.
type session struct {
	dir      string
	env      []string
	registry *registrytest.Server
	out      io.Writer
	ends     []func() // of what was started
}

// end ends what was started, the last first.
func (s *session) end() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

// beside returns the path of a file beside the repository.
func (s *session) beside(name string) string { return filepath.Join(filepath.Dir(s.dir), name) }

// play carries out one step, prints it, and returns an error if it does not
// come out as it says.
func (s *session) play(ctx context.Context, p step) error {
	if p.say != "" {
		fmt.Fprintf(s.out, "\n# %s\n", strings.ReplaceAll(p.say, "\n", "\n# "))
	}
	if p.change != nil {
		if err := p.change(s); err != nil {
			return err
		}
	}
	if p.command == "" {
		return nil
	}
	fmt.Fprintf(s.out, "$ %s\n", p.command)
	s.registry.Reset()
	output, status, err := s.shell(ctx, p.command)
	fmt.Fprint(s.out, output)
	if err != nil {
		return fmt.Errorf("%s: %w", p.command, err)
	}
	if status != 0 {
		fmt.Fprintf(s.out, "[exit status %d]\n", status)
	}
	if err := p.check(output, status, s.registry.Count("")); err != nil {
		return fmt.Errorf("%s: %w", p.command, err)
	}
	return nil
}

// shell runs a command line and returns what it printed: its output, and then
// what it said besides.
func (s *session) shell(ctx context.Context, line string) (output string, status int, err error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir, cmd.Env = s.dir, s.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	output = stdout.String() + stderr.String()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return output, exit.ExitCode(), nil
	}
	return output, 0, err
}

// check says how the outcome differs from what the step promises.
func (p step) check(output string, status, requests int) error {
	if status != p.exit {
		return fmt.Errorf("exit status %d, want %d", status, p.exit)
	}
	rest := output
	for _, want := range p.shows {
		_, after, found := strings.Cut(rest, want)
		if !found {
			return fmt.Errorf("the output does not show %q where it should", want)
		}
		rest = after
	}
	if p.asks != anyRequests && requests != p.asks {
		return fmt.Errorf("the registry got %d requests, want %d", requests, p.asks)
	}
	return nil
}
