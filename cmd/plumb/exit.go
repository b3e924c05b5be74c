package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// The exit statuses, the same for every command and format. The highest wins.
const (
	exitYes        = 0 // clean, done, equal
	exitNo         = 1 // findings, drift, would change
	exitUsage      = 2 // usage, configuration or lock that cannot be read
	exitCannotTell = 3 // network, I/O
	exitTimeout    = 4 // time ran out
)

// exitError ends a command with a status. Without err nothing more is printed.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usageError(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// status ends a command silently; nil for exitYes.
func status(code int) error {
	if code == exitYes {
		return nil
	}
	return &exitError{status: code}
}

// report prints what ended a command and returns its exit status.
func (s *session) report(ctx context.Context, err error) int {
	if err == nil {
		return exitYes
	}
	code := exitCannotTell
	var exit *exitError
	if errors.As(err, &exit) {
		code = exit.status
		if exit.err == nil {
			return code
		}
		err = exit.err
	}
	var usage cli.ExitCoder // the library's own, of help that is not there
	if errors.As(err, &usage) {
		code = exitUsage
	}
	if ctx.Err() != nil {
		s.errorf("plumb: interrupted: nothing more was done\n")
		return exitCannotTell
	}
	s.errorf("plumb: %s\n", strings.ReplaceAll(strings.TrimRight(err.Error(), "\n"), "\n", "\n    "))
	return code
}
