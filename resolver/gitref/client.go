// Package gitref resolves refs of git repositories to commits, and tells which commits a
// branch or tag of a repository has.
//
// It runs the git program, so that credential helpers, SSH configuration, insteadOf and
// proxies work as the user has them, but never with a prompt: no terminal, no askpass,
// SSH in batch mode. A repository is asked for its refs once in a client's life. Content
// is fetched only to tell whether a commit is reachable or to read a commit or a tag, without
// trees and files where the server can leave them out, and never checked out. Programs are
// bounded in time and output and end, with all that they started, when the context does.
//
// Where there is no git program, go-git lists refs over HTTPS, HTTP and git's own protocol,
// without credentials; all else is then an error.
package gitref

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/resolver/internal/once"
)

// Options configures a Client.
type Options struct {
	// Dir is a folder in which what was fetched is kept for later clients, created for
	// this user only. "" is a temporary folder that Close removes.
	Dir string
	// WorkTree is the folder whose git configuration holds, as it does for commands that
	// the user runs there; "" is the working directory of this process.
	WorkTree string
	// Timeout is how long a list of refs may take; 0 is 60 s. A fetch may take five times
	// as long.
	Timeout time.Duration
	// Concurrency is how many git commands run at once; 0 is 8.
	Concurrency int
	// MaxFetch is how many bytes of one repository are kept on disk at most; 0 is 512 MiB.
	MaxFetch int64
	// Env are variables besides those of this process, "NAME=value". They cannot allow
	// prompts.
	Env []string
}

// The defaults of Options.
const (
	defaultTimeout     = time.Minute
	defaultConcurrency = 8
	defaultMaxFetch    = 512 << 20
)

// Client resolves refs. Its methods may be called from many goroutines at once.
type Client struct {
	options Options
	git     string // path of the program; "" if there is none
	slots   chan struct{}

	maxOutput int64 // bytes of a command's output that are read at most

	refs    once.Group[*Refs]
	history once.Group[*store]
	objects once.Group[[]byte]
	setup   once.Group[*settings]

	mu   sync.Mutex
	temp string // the folder for what is fetched, if Options.Dir is ""
}

// New returns a Client. Nothing is run yet.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Concurrency <= 0 {
		o.Concurrency = defaultConcurrency
	}
	if o.MaxFetch <= 0 {
		o.MaxFetch = defaultMaxFetch
	}
	c := &Client{options: o, slots: make(chan struct{}, o.Concurrency), maxOutput: maxOutput}
	c.git, _ = exec.LookPath(program)
	return c
}

// program is the name of git's program.
const program = "git"

// Close removes temporary files. The client must not be used any more.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.temp == "" {
		return nil
	}
	err := os.RemoveAll(c.temp)
	c.temp = ""
	return err
}

// folder returns the folder for what is fetched.
func (c *Client) folder() (string, error) {
	if c.options.Dir != "" {
		dir, err := filepath.Abs(c.options.Dir)
		if err != nil {
			return "", err
		}
		return dir, os.MkdirAll(dir, 0o700)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.temp != "" {
		return c.temp, nil
	}
	dir, err := os.MkdirTemp("", "plumb-git-")
	c.temp = dir
	return dir, err
}

// Refs returns the refs of a repository: those that it had when the client asked for them
// first. The error is an *Error or the cause of ctx's end; an *Error is remembered, too.
func (c *Client) Refs(ctx context.Context, url string) (*Refs, error) {
	return c.refs.Do(ctx, url, func() (*Refs, error) {
		if err := checkURL(url); err != nil {
			return nil, refuse(lsRemote, url, "", "%w", err)
		}
		if c.git == "" {
			return c.list(ctx, url)
		}
		return c.lsRemote(ctx, url)
	})
}

// lsRemote is the operation in errors.
const lsRemote = "git ls-remote"

// lsRemote has git list the refs.
func (c *Client) lsRemote(ctx context.Context, url string) (*Refs, error) {
	list := func() ([]byte, error) {
		return c.run(ctx, command{
			op: lsRemote, url: url, remote: true, limit: c.maxOutput, timeout: c.options.Timeout,
			args: []string{"ls-remote", "--quiet", "--symref", "--", url},
		})
	}
	out, err := list()
	if isTransient(err) && pause(ctx) == nil {
		out, err = list()
	}
	if err != nil {
		return nil, err
	}
	refs, err := parseRefs(string(out))
	if err != nil {
		return nil, &Error{Op: lsRemote, URL: redactURL(url), Kind: Malformed, Err: err}
	}
	if len(refs.refs) == 0 {
		return nil, noRefs(url)
	}
	return refs, nil
}

// retryPause is the pause before the one retry after a transient failure.
const retryPause = time.Second

// pause waits before a retry. It fails when ctx ends.
func pause(ctx context.Context) error {
	timer := time.NewTimer(retryPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// noRefs makes the error of a repository without refs. Git takes any web page for an empty
// repository of a server of static files.
func noRefs(url string) *Error {
	return &Error{Op: lsRemote, URL: redactURL(url), Kind: NotFound,
		Err: errors.New("there are no refs: the repository is empty, or the URL is not a repository's")}
}

// noGit makes the error of what needs the git program.
func noGit(op, url, ref string) *Error {
	return &Error{Op: op, URL: redactURL(url), Ref: ref, Kind: Unsupported, Err: errNoGit}
}
