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
	unlock func()
}

// The two stores of a repository. What is fetched without its history cuts a repository's
// history off, and would make what is reachable appear unreachable.
const (
	historyStore = "history" // all branches and tags, with their whole history
	objectStore  = "objects" // single commits and tags
)

// openStore makes the store of a URL, or opens what an earlier client left, and locks it:
// other processes wait until unlock is called.
func (c *Client) openStore(ctx context.Context, url, which string, digits int) (*store, error) {
	folder, err := c.folder()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", url, digits))
	dir := filepath.Join(folder, hex.EncodeToString(sum[:16])+"."+which)
	for _, sub := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	s := &store{dir: dir}
	if s.unlock, err = lockFile(ctx, filepath.Join(dir, "plumb.lock")); err != nil {
		return nil, err
	}
	if err := s.configure(digits); err != nil {
		s.unlock()
		return nil, err
	}
	return s, nil
}

// configure writes the files that make the folder a repository. A fetch with a filter
// has git note in its configuration that missing objects can be fetched any time, which
// must not happen: it is written anew.
func (s *store) configure(digits int) error {
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if digits == 64 {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n" +
			"[extensions]\n\tobjectFormat = sha256\n"
	}
	err := os.WriteFile(filepath.Join(s.dir, "config"), []byte(config), 0o600)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "HEAD"), []byte("ref: refs/plumb/none\n"), 0o600)
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

// fetch has git fetch refspecs of a URL into the store.
func (c *Client) fetch(
	ctx context.Context, s *store, url, ref string, options []string, refspecs ...string,
) error {
	args := append([]string{"fetch", "--quiet", "--no-tags", "--no-recurse-submodules",
		"--no-write-fetch-head", "--no-auto-gc", "--filter=tree:0", "--stdin"}, options...)
	_, err := c.run(ctx, command{
		op: "git fetch", url: url, ref: ref, gitDir: s.dir, remote: true, limit: maxOutput,
		timeout: 5 * c.options.Timeout,
		args:    append(args, remoteName),
		stdin:   strings.Join(refspecs, "\n") + "\n",
		pairs: []string{"remote." + remoteName + ".url", url, "core.hooksPath", os.DevNull,
			"gc.auto", "0", "maintenance.auto", "false", "fetch.writeCommitGraph", "false",
			"fetch.unpackLimit", "1", "transfer.bundleURI", "false"},
		watch: func() error {
			if n := s.size(); n > c.options.MaxFetch {
				return fmt.Errorf("more than %d MiB were fetched", c.options.MaxFetch>>20)
			}
			return nil
		},
	})
	return err
}

// remoteName is what the URL is called in commands, so that git keeps none of it on disk.
const remoteName = "plumb"

// local runs a git command that opens no connection in the store.
func (c *Client) local(ctx context.Context, s *store, url, stdin string, args ...string) ([]byte, error) {
	return c.run(ctx, command{op: "git " + args[0], url: url, gitDir: s.dir, stdin: stdin,
		limit: maxOutput, timeout: c.options.Timeout, args: args})
}

// isShallow reports whether a part of the history is cut off.
func (s *store) isShallow() (bool, error) {
	_, err := os.Stat(filepath.Join(s.dir, "shallow"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
