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
// part of the result that reading can begin with, and which is only compared in the end.
func (t *WorkTree) list(
	ctx context.Context, match func(string) bool, odd *oddities, unread *fileErrors,
	send func([]listed) error,
) error {
	b := batcher{match: match, send: send, odd: odd}
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
	all, err := t.git.start(ctx, "ls-files", "-z", "-t", "--stage", "--cached", "--others",
		"--exclude-standard")
	if err != nil {
		return err
	}
	tracked, err := t.git.start(ctx, "ls-files", "-z", "-t", "--stage", "--cached")
	if err == nil {
		_, err = tracked.finish(ctx, func(r io.Reader) error {
			return b.lines(io.TeeReader(r, &b.tracked))
		})
	}
	if err != nil {
		all.stop()
		return err
	}
	said, err := all.finish(ctx, b.remaining)
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

// listed is a path that was listed.
type listed struct {
	path   string
	sparse string // the id of its object in the git index, where git may leave the file out
}

// batcher gathers accepted paths and sends them in batches.
type batcher struct {
	match func(string) bool
	send  func([]listed) error
	batch []listed
	last  string // the path that was accepted last
	odd   *oddities

	tracked bytes.Buffer    // what git printed of the tracked files
	sent    map[string]bool // their paths, where those cannot come once only; else nil
}

// lines adds what r yields, as git ls-files -z -t --stage prints it.
func (b *batcher) lines(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := b.line(line); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
}

// readLine reads what git ends by a NUL, without that.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice(0)
	if err == bufio.ErrBufferFull {
		var rest []byte
		line = bytes.Clone(line)
		rest, err = in.ReadBytes(0)
		line = append(line, rest...)
	}
	if err != nil {
		return "", err
	}
	return string(line[:len(line)-1]), nil
}

// remaining adds what r yields besides the tracked files that were added before. Git prints
// those that it does not track first. Behind them it prints the same as before, unless
// the index was written meanwhile.
func (b *batcher) remaining(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var untracked bytes.Buffer
	for {
		if start, _ := in.Peek(len("? ")); string(start) != "? " {
			break
		}
		line, err := readLine(in)
		if err != nil {
			return err
		}
		untracked.WriteString(line + "\x00")
	}
	rest, err := b.changed(in)
	if err != nil {
		return err
	}
	if rest != nil {
		if err := b.recall(); err != nil {
			return err
		}
		if err := b.lines(rest); err != nil {
			return err
		}
	}
	return b.lines(&untracked)
}

// changed compares what in yields with what git printed of the tracked files before. It
// returns nil if that is the same, else what has to be read of it.
func (b *batcher) changed(in io.Reader) (io.Reader, error) {
	known := b.tracked.Bytes()
	at := 0
	buf := make([]byte, 64<<10)
	for {
		n, err := in.Read(buf)
		if !bytes.HasPrefix(known[at:], buf[:n]) {
			start := bytes.LastIndexByte(known[:at], 0) + 1
			return io.MultiReader(bytes.NewReader(known[start:at]), bytes.NewReader(buf[:n]), in),
				nil
		}
		at += n
		switch {
		case err == io.EOF && at == len(known):
			return nil, nil
		case err == io.EOF: // fewer than before, which may be on disk as untracked by now
			return bytes.NewReader(nil), nil
		case err != nil:
			return nil, err
		}
	}
}

// recall notes the paths that have been sent.
func (b *batcher) recall() error {
	b.sent = map[string]bool{}
	in := bufio.NewReader(bytes.NewReader(b.tracked.Bytes()))
	for {
		line, err := readLine(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, path, ok := strings.Cut(line, "\t"); ok {
			b.sent[path] = true
		}
	}
}

// line adds what git lists: "? PATH" of a file that it does not track, and "TAG MODE ID
// STAGE<tab>PATH" of one that it does. The tag is S where a sparse checkout, or someone's
// git update-index --skip-worktree, may have left the file out.
func (b *batcher) line(line string) error {
	if path, ok := strings.CutPrefix(line, "? "); ok {
		if !strings.HasSuffix(path, "/") && !b.match(path) {
			b.odd.untracked(path)
			return nil
		}
		return b.add(listed{path: path})
	}
	facts, path, ok := strings.Cut(line, "\t")
	if !ok || len(facts) < len("H 100644 ") {
		return errListing
	}
	tag, mode, facts := facts[0], facts[2:8], facts[9:]
	id, _, _ := strings.Cut(facts, " ")
	switch {
	case mode == "120000":
		b.odd.tracked(path, id, tag == 'S')
	case mode == "160000":
		b.odd.submodule(path, id)
		return nil
	case tag == 'S':
		b.odd.leftOut(path, id)
		return b.add(listed{path, id})
	}
	return b.add(listed{path: path})
}

// add takes path unless it was taken before, as conflicted paths come once for
// each side, one after the other, or is a directory: another repository, named with a slash.
func (b *batcher) add(l listed) error {
	if l.path == b.last || b.sent[l.path] || strings.HasSuffix(l.path, "/") || !b.match(l.path) {
		return nil
	}
	b.last = l.path
	if b.sent != nil {
		b.sent[l.path] = true
	}
	b.batch = append(b.batch, l)
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
		case entry.Type()&fs.ModeSymlink != 0:
			b.odd.link(path)
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		return b.add(listed{path: path})
	})
}
