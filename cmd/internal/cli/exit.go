package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The exit statuses, the same for every command and format. The highest wins.
const (
	ExitYes        = 0 // clean, done, equal
	ExitNo         = 1 // findings, drift, would change
	ExitUsage      = 2 // usage, configuration or lock that cannot be read
	ExitCannotTell = 3 // network, I/O
	ExitTimeout    = 4 // time ran out
)

// ExitError ends a command with a status. Without Err nothing more is printed.
type ExitError struct {
	Status int
	Err    error
}

// Error returns the cause, or the status where there is none.
func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Status)
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// UsageError is the error of a command line that cannot be carried out.
func UsageError(format string, args ...any) error {
	return &ExitError{ExitUsage, fmt.Errorf(format, args...)}
}

// AsUsage is err with the status ExitUsage; nil for nil.
func AsUsage(err error) error {
	if err == nil {
		return nil
	}
	return &ExitError{ExitUsage, err}
}

// CannotTell is err with the status ExitCannotTell; nil for nil.
func CannotTell(err error) error {
	if err == nil {
		return nil
	}
	return &ExitError{ExitCannotTell, err}
}

// No is err with the status ExitNo; nil for nil.
func No(err error) error {
	if err == nil {
		return nil
	}
	return &ExitError{ExitNo, err}
}

// Status ends a command silently; nil for ExitYes.
func Status(code int) error {
	if code == ExitYes {
		return nil
	}
	return &ExitError{Status: code}
}

// Report prints what ended a command and returns its exit status.
func (o *IO) Report(ctx context.Context, err error) int {
	if err == nil {
		return ExitYes
	}
	code := ExitCannotTell
	var exit *ExitError
	if errors.As(err, &exit) {
		code = exit.Status
		if exit.Err == nil {
			return code
		}
		err = exit.Err
	}
	if ctx.Err() != nil {
		o.Errorf("plumb: interrupted: nothing more was done\n")
		return ExitCannotTell
	}
	o.Errorf("plumb: %s\n", strings.ReplaceAll(strings.TrimRight(err.Error(), "\n"), "\n", "\n    "))
	return code
}
