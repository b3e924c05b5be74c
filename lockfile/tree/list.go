package tree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
)

// list sends the paths of the tree that match accepts, in batches.
//
// Git takes several times as long to find what it would track, for which it
// searches the whole tree, as to print what it does track. So it
// runs for both, which is the result, and meanwhile for what is tracked alone, the
// part of the result that reading can begin with.
func (t *WorkTree) list(
	ctx context.Context, match func(string) bool, unread *fileErrors, send func([]string) error,
) error {
	b := batcher{match: match, send: send, sent: map[string]bool{}}
	err := t.listGit(ctx, &b, unread)
	if noGit(err) {
		err = walk(ctx, t.root, &b, unread)
	}
	if err != nil {
		return err
	}
	return b.flush()
}

// listGit adds the paths that git tracks or would track.
func (t *WorkTree) listGit(ctx context.Context, b *batcher, unread *fileErrors) error {
	all, err := t.git.start(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	tracked, err := t.git.start(ctx, "ls-files", "-z", "--cached")
	if err == nil {
		_, err = tracked.finish(ctx, b.lines)
	}
	if err != nil {
		all.stop()
		return err
	}
	said, err := all.finish(ctx, b.lines)
	if err != nil {
		return err
	}
	return t.closed(ctx, said, unread)
}

// closed notes the directories that git says it cannot open, without which it
// goes on.
func (t *WorkTree) closed(ctx context.Context, said string, unread *fileErrors) error {
	const warning = "warning: could not open directory '"
	if !strings.Contains(said, warning) {
		return nil
	}
	prefix, err := t.git.line(ctx, "rev-parse", "--show-prefix") // git names them from its top
	if err != nil {
		return err
	}
	for line := range strings.Lines(said) {
		if quoted, ok := strings.CutPrefix(line, warning); ok {
			dir, reason, _ := strings.Cut(strings.TrimSpace(quoted), "/': ")
			unread.add(strings.TrimPrefix(dir, prefix), directoryError(reason))
		}
	}
	return nil
}

// directoryError returns the error that git says opening a directory met.
func directoryError(reason string) error {
	if reason == "Permission denied" {
		return fs.ErrPermission
	}
	return errors.New(reason)
}

// batcher gathers accepted paths and sends them in batches.
type batcher struct {
	match func(string) bool
	send  func([]string) error
	batch []string
	sent  map[string]bool // all that was accepted
}

// lines adds the NUL-terminated paths that r yields.
func (b *batcher) lines(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := in.ReadBytes(0)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := b.add(string(bytes.TrimSuffix(line, []byte{0}))); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
}

// add takes path unless it was taken before, as conflicted paths come once for
// each side, or is a directory: another repository, named with a slash.
func (b *batcher) add(path string) error {
	if b.sent[path] || strings.HasSuffix(path, "/") || !b.match(path) {
		return nil
	}
	b.sent[path] = true
	b.batch = append(b.batch, path)
	if len(b.batch) < batchSize {
		return nil
	}
	return b.flush()
}

// flush sends what has been gathered.
func (b *batcher) flush() error {
	if len(b.batch) == 0 {
		return nil
	}
	batch := b.batch
	b.batch = nil
	return b.send(batch)
}

// walk adds every file below root, but for those under a .git, and notes the
// directories that cannot be read.
func walk(ctx context.Context, root string, b *batcher, unread *fileErrors) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, relErr := filepath.Rel(root, name)
		if relErr != nil {
			return relErr
		}
		path := filepath.ToSlash(rel)
		switch {
		case Absent(err):
			return nil
		case err != nil:
			unread.add(path, cause(err))
			return nil
		case entry.Name() == ".git" && path != ".":
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		return b.add(path)
	})
}
