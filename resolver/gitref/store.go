package gitref

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// store is a bare repository on disk that has what was fetched of one URL.
type store struct {
	dir    string
	digits int // of an object id
}

// The two stores of a repository. What is fetched without its history cuts a repository's
// history off, and would make what is reachable appear unreachable.
const (
	historyStore = "history" // all branches and tags, with their whole history
	objectStore  = "objects" // single commits and tags
)

// store returns the store of a URL, which is not made yet.
func (c *Client) store(url, which string, digits int) (*store, error) {
	folder, err := c.folder()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", url, digits))
	return &store{filepath.Join(folder, hex.EncodeToString(sum[:16])+"."+which), digits}, nil
}

// locked makes the store, if need be, and has do work on it while other clients and
// processes wait.
func (s *store) locked(ctx context.Context, do func() error) error {
	unlock, err := lockFile(ctx, s.dir+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.configure(); err != nil {
		return err
	}
	return do()
}

// reset empties the store.
func (s *store) reset() error {
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	return s.configure()
}

// configure writes the files that make the folder a repository. A fetch with a filter
// has git note in its configuration that missing objects can be fetched any time, which
// must not happen: it is written anew.
func (s *store) configure() error {
	for _, sub := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(s.dir, sub), 0o700); err != nil {
			return err
		}
	}
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if s.digits == 64 {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n" +
			"[extensions]\n\tobjectFormat = sha256\n"
	}
	err := os.WriteFile(filepath.Join(s.dir, "config"), []byte(config), 0o600)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "HEAD"), []byte("ref: refs/plumb/none\n"), 0o600)
}

// complete is a file that is there when a fetch of the whole history has succeeded.
const complete = "plumb.complete"

// isComplete reports whether the store has the whole history of its refs.
func (s *store) isComplete() (bool, error) {
	_, err := os.Stat(filepath.Join(s.dir, complete))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// setComplete notes that the store has the whole history of its refs.
func (s *store) setComplete() error {
	return os.WriteFile(filepath.Join(s.dir, complete), nil, 0o600)
}

// lockFile locks a file, waiting for other processes until ctx ends.
func lockFile(ctx context.Context, name string) (unlock func(), err error) {
	type outcome struct {
		unlock func()
		err    error
	}
	done := make(chan outcome)
	go func() {
		unlock, err := lockedfile.MutexAt(name).Lock()
		select {
		case done <- outcome{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock()
			}
		}
	}()
	select {
	case o := <-done:
		return o.unlock, o.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// size returns how many bytes of objects the store has.
func (s *store) size() int64 {
	var n int64
	_ = filepath.WalkDir(filepath.Join(s.dir, "objects"), // files come and go meanwhile
		func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
			return nil
		})
	return n
}

// request is what to fetch.
type request struct {
	url, ref string // for errors
	options  []string
	refspecs []string
}

// fetch has git fetch into the store, which is locked. A store that an earlier process left
// broken is made anew.
func (c *Client) fetch(ctx context.Context, s *store, q request) error {
	empty := s.size() == 0
	err := c.fetchOnce(ctx, s, q)
	var e *Error
	switch {
	case err == nil || !errors.As(err, &e):
		return err
	case e.Kind == TooLarge:
		return errors.Join(err, s.reset())
	case e.Kind != Other || empty:
		return err
	}
	if s.reset() != nil {
		return err
	}
	return c.fetchOnce(ctx, s, q)
}

// fetchOnce runs git fetch. Neither the URL nor anything else of it is kept in files.
func (c *Client) fetchOnce(ctx context.Context, s *store, q request) error {
	args := append([]string{"fetch", "--quiet", "--no-tags", "--no-recurse-submodules",
		"--no-write-fetch-head", "--no-auto-gc", "--filter=tree:0", "--stdin"}, q.options...)
	check := func() error {
		if n := s.size(); n > c.options.MaxFetch {
			return fmt.Errorf("more than %d MiB were fetched", c.options.MaxFetch>>20)
		}
		return nil
	}
	_, err := c.run(ctx, command{
		op: gitFetch, url: q.url, ref: q.ref, gitDir: s.dir, remote: true,
		limit: c.maxOutput, timeout: 5 * c.options.Timeout, watch: check,
		args:  append(args, remoteName),
		stdin: strings.Join(q.refspecs, "\n") + "\n",
		pairs: []string{"remote." + remoteName + ".url", q.url, "core.hooksPath", os.DevNull,
			"gc.auto", "0", "maintenance.auto", "false", "fetch.writeCommitGraph", "false",
			"fetch.unpackLimit", "1", "transfer.bundleURI", "false"},
	})
	if err != nil {
		return errors.Join(err, s.configure())
	}
	if err := check(); err != nil {
		return &Error{Op: gitFetch, URL: redactURL(q.url), Ref: q.ref, Kind: TooLarge, Err: err}
	}
	return s.configure()
}

// gitFetch is the operation in errors.
const gitFetch = "git fetch"

// remoteName is what the URL is called in commands, so that git keeps none of it on disk.
const remoteName = "plumb"

// local runs a git command that opens no connection in the store.
func (c *Client) local(
	ctx context.Context, s *store, url, stdin string, args ...string,
) ([]byte, error) {
	return c.run(ctx, command{op: "git " + args[0], url: url, gitDir: s.dir, stdin: stdin,
		limit: c.maxOutput, timeout: c.options.Timeout, args: args})
}

// isShallow reports whether a part of the history is cut off.
func (s *store) isShallow() (bool, error) {
	_, err := os.Stat(filepath.Join(s.dir, "shallow"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
