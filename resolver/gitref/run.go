package gitref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// maxOutput bounds what is read of a command's output, in bytes.
const maxOutput = 64 << 20

// command is a git command.
type command struct {
	op, url, ref string // for errors

	args    []string
	dir     string // the working directory; "" is that of the process
	gitDir  string // the repository to work on, if any
	pairs   []string
	stdin   string
	remote  bool // it opens connections
	limit   int64
	timeout time.Duration
	watch   func() error // called now and then; its error ends the command
}

// errTimeout is why a command was ended that took too long.
var errTimeout = errors.New("no answer in time")

// errTooLong is why a command was ended that wrote too much.
var errTooLong = errors.New("more output than is read")

// run runs a git command and returns what it prints. The error is an *Error or the cause of
// ctx's end.
func (c *Client) run(ctx context.Context, q command) ([]byte, error) {
	var env []string
	if q.remote {
		var err error
		if env, err = c.forRemote(ctx, q); err != nil {
			return nil, err
		}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(q.timeout, func() { cancel(errTimeout) })
	defer timer.Stop()
	cmd := c.command(within, q)
	cmd.Env = append(cmd.Env, env...)
	out := &limited{left: q.limit, full: func() { cancel(errTooLong) }}
	said := &tail{}
	cmd.Stdout, cmd.Stderr = out, said
	stop := watch(within, q.watch, cancel)
	ended := trace.Command(ctx, program, q.args...)
	err := cmd.Run()
	stop()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // a program that it left behind, such as SSH's master, holds the pipes open
	}
	ended(err)
	if err == nil && within.Err() == nil {
		return out.Bytes(), nil
	}
	killGroup(cmd)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, q.failed(context.Cause(within), err, said.String())
}

// command makes the command, not yet started.
func (c *Client) command(ctx context.Context, q command) *exec.Cmd {
	args := []string{"-c", "credential.interactive=false", "-c", "core.fsmonitor=false"}
	cmd := exec.CommandContext(ctx, c.git, append(args, q.args...)...)
	cmd.Env = c.environment()
	cmd.Dir = q.dir
	if q.gitDir != "" {
		cmd.Dir = q.gitDir
		cmd.Env = append(cmd.Env, "GIT_DIR="+q.gitDir)
	} else if q.dir == "" {
		cmd.Dir = c.options.WorkTree
	}
	cmd.Stdin = strings.NewReader(q.stdin)
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	return cmd
}

// failed makes the error of a command. why is the end of its context, if it was ended.
func (q command) failed(why, err error, said string) *Error {
	e := &Error{Op: q.op, URL: redactURL(q.url), Ref: q.ref, Err: err}
	switch {
	case errors.Is(why, errTimeout):
		e.Kind, e.Err = Timeout, fmt.Errorf("%w (%v)", errTimeout, q.timeout)
		return e
	case errors.Is(why, errTooLong):
		e.Kind, e.Err = TooLarge, fmt.Errorf("%w (%d MiB)", errTooLong, q.limit>>20)
		return e
	case why != nil:
		e.Kind, e.Err = TooLarge, why // of watch
		return e
	}
	e.Said = gist(said, secrets(q.url))
	e.Kind = causeOf(e.Said)
	if e.Kind == Other {
		e.Kind = causeOf(said)
	}
	return e
}

// watch calls check now and then until the returned function is called.
func watch(ctx context.Context, check func() error, fail context.CancelCauseFunc) (stop func()) {
	if check == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := check(); err != nil {
					fail(err)
					return
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}

// limited keeps what is written to it, up to a number of bytes.
type limited struct {
	bytes.Buffer
	left int64
	full func()
}

// Write fails when there is too much.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		l.full()
		return 0, errTooLong
	}
	return l.Buffer.Write(p)
}

// ReadFrom has io.Copy go through Write.
func (l *limited) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{l}, r)
}

// maxTail bounds what is kept of messages, in bytes.
const maxTail = 64 << 10

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

// Write keeps the end.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - maxTail; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// String returns what is kept.
func (t *tail) String() string { return string(t.kept) }
