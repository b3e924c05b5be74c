package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/resolver"
)

// defaultTimeout bounds a command that asks registries.
const defaultTimeout = 15 * time.Minute

func timeoutFlag() cli.Flag {
	return &cli.DurationFlag{Name: "timeout", Value: defaultTimeout, Usage: "end after `DURATION`, with exit status 4; 0 for never"}
}

// timeUpError is why a context has ended whose time was limited.
type timeUpError struct{ limit time.Duration }

func (e *timeUpError) Error() string { return fmt.Sprintf("time ran out after %v", e.limit) }

// limit returns the context of c, with the end that --timeout gives it.
func limit(c *cli.Context) (context.Context, context.CancelFunc, error) {
	d := defaultTimeout
	for _, l := range c.Lineage() {
		if l.IsSet("timeout") {
			d = l.Duration("timeout")
			break
		}
	}
	switch {
	case d < 0:
		return nil, nil, usageError("--timeout %v: a time cannot be negative; 0 is no limit", d)
	case d == 0:
		return c.Context, func() {}, nil
	}
	ctx, stop := context.WithTimeoutCause(c.Context, d, &timeUpError{d})
	return ctx, stop, nil
}

// late is err, or that the time of ctx ran out if that is what err comes from.
func late(ctx context.Context, err error) error {
	up := timeUp(context.Cause(ctx))
	if up == nil {
		return err
	}
	return &exitError{exitTimeout, fmt.Errorf("%w: nothing was changed\n%s", up, up.more())}
}

// more says how a command gets more time.
func (e *timeUpError) more() string { return fmt.Sprintf("to give it more: --timeout %v", 2*e.limit) }

// leftover gathers what was not asked when the time ran out.
type leftover struct {
	up    *timeUpError // nil if it did not
	names []string
}

// add takes a failure, if it comes from that.
func (l *leftover) add(f resolver.Failure) {
	if up := timeUp(f.Err); up != nil {
		l.up = up
		l.names = append(l.names, f.Name)
	}
}

// timeUp is the timeUpError that err comes from, or nil.
func timeUp(err error) *timeUpError {
	var up *timeUpError
	if !errors.As(err, &up) {
		return nil
	}
	return up
}

// maxLeft is how many names that are left a message for people gives.
const maxLeft = 5

// print tells what was done, of so many names, and what is left.
func (l *leftover) print(s *session, total int) {
	if l.up == nil {
		return
	}
	names := strings.Join(l.names[:min(len(l.names), maxLeft)], ", ")
	if more := len(l.names) - maxLeft; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	s.errorf("plumb: %v: %d of %s done; left: %s\n", l.up, max(0, total-len(l.names)), count(total, "name", "names"), names)
	s.errorf("    %s\n", l.up.more())
}
