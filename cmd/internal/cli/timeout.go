package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	cli "github.com/urfave/cli/v2"
)

// defaultTimeout bounds a command that queries registries.
const defaultTimeout = 15 * time.Minute

// TimeoutFlag is the flag --timeout, which Limit reads.
func TimeoutFlag() cli.Flag {
	return &cli.DurationFlag{Name: "timeout", Value: defaultTimeout,
		Usage: "stop after `DURATION` with exit status 4; 0 for no limit"}
}

// TimeoutError is the cause of a context that has ended because its time was
// limited.
type TimeoutError struct{ Limit time.Duration }

// Error says after how long the time ran out.
func (e *TimeoutError) Error() string { return fmt.Sprintf("time ran out after %v", e.Limit) }

// Hint says how to give a command more time.
func (e *TimeoutError) Hint() string {
	return fmt.Sprintf("to give it more: --timeout %v", 2*e.Limit)
}

// Limit returns the context of c, with the end that --timeout gives it.
func Limit(c *cli.Context) (context.Context, context.CancelFunc, error) {
	d := defaultTimeout
	for _, l := range c.Lineage() {
		if l.IsSet("timeout") {
			d = l.Duration("timeout")
			break
		}
	}
	switch {
	case d < 0:
		return nil, nil, UsageError("--timeout %v: a time cannot be negative; 0 is no limit", d)
	case d == 0:
		return c.Context, func() {}, nil
	}
	ctx, stop := context.WithTimeoutCause(c.Context, d, &TimeoutError{d})
	return ctx, stop, nil
}

// TimedOut is err, or that the time of ctx ran out if that is where err comes from.
func TimedOut(ctx context.Context, err error) error {
	up := AsTimeout(context.Cause(ctx))
	if up == nil {
		return err
	}
	return &ExitError{ExitTimeout, fmt.Errorf("%w: nothing was changed\n%s", up, up.Hint())}
}

// AsTimeout is the TimeoutError that err comes from, or nil.
func AsTimeout(err error) *TimeoutError {
	var up *TimeoutError
	if !errors.As(err, &up) {
		return nil
	}
	return up
}
