package tree

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// Each reads the files that match accepts, as Tree says. Symlinks and
// submodules are left out.
func (s *Snapshot) Each(ctx context.Context, match func(path string) bool, fn Visit) error {
	return s.EachChanged(ctx, match, nil, fn)
}

// EachChanged is Each that does not read what the caller knows already: where
// unchanged reports true of a file's Object, fn is called with nil data. An
// empty file's data is not nil. unchanged is called from many goroutines.
func (s *Snapshot) EachChanged(
	ctx context.Context,
	match func(path string) bool,
	unchanged func(File) bool,
	fn Visit,
) error {
	var unread fileErrors
	list := func(_ context.Context, send func([]object) error) error {
		return s.batches(match, send)
	}
	read := func(ctx context.Context, worker int, batches <-chan []object) error {
		b := blobs{git: s.git}
		defer b.close()
		for batch := range batches {
			if err := b.each(ctx, batch, unchanged, worker, fn, &unread); err != nil {
				return err
			}
		}
		return nil
	}
	if err := fanOut(ctx, list, read); err != nil {
		return err
	}
	return unread.unreadable()
}

// batches sends the files that match accepts.
func (s *Snapshot) batches(match func(string) bool, send func([]object) error) error {
	var batch []object
	for _, o := range s.objects {
		if !o.mode.IsRegular() || !match(o.path) {
			continue
		}
		batch = append(batch, o)
		if len(batch) == batchSize {
			if err := send(batch); err != nil {
				return err
			}
			batch = nil
		}
	}
	return send(batch)
}

// Read returns the bytes of the file at path in the snapshot.
func (s *Snapshot) Read(ctx context.Context, path string) ([]byte, error) {
	o, ok := s.find(path)
	switch {
	case !ok:
		return nil, FileError{Path: path, Err: fs.ErrNotExist}
	case !o.mode.IsRegular():
		return nil, FileError{Path: path, Err: regular(o.mode)}
	}
	return s.git.blob(ctx, o)
}

// blob returns the bytes of one object.
func (g git) blob(ctx context.Context, o object) ([]byte, error) {
	var content []byte
	var unread fileErrors
	b := blobs{git: g}
	defer b.close()
	keep := func(_ int, _ File, data []byte) error {
		content = bytes.Clone(data)
		return nil
	}
	if err := b.each(ctx, []object{o}, nil, 0, keep, &unread); err != nil {
		return nil, err
	}
	if err := unread.unreadable(); err != nil {
		return nil, err
	}
	return content, nil
}

// blobs reads objects through a git cat-file process of its own, which starts
// with the first of them. It serves one goroutine.
type blobs struct {
	git    git
	ended  func(error) // of the process
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	in     io.WriteCloser
	out    *bufio.Reader
	buf    []byte
}

// start starts the process.
func (b *blobs) start(ctx context.Context) error {
	cmd, stderr := b.git.command(ctx, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return b.git.failed(ctx, err, "", []string{"cat-file"})
	}
	b.ended = trace.Command(ctx, "git", "cat-file", "--batch")
	b.cmd, b.stderr, b.in, b.out = cmd, stderr, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

// close ends the process, if there is one.
func (b *blobs) close() {
	if b.cmd == nil {
		return
	}
	_ = b.in.Close() // the process ends at the end of its input
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait() // all that it said has been read
	b.ended(nil)     // it was killed as it is not needed any more
}

// each calls fn with every file of the batch, or notes why it cannot be read.
func (b *blobs) each(
	ctx context.Context, batch []object, unchanged func(File) bool, worker int, fn Visit,
	unread *fileErrors,
) error {
	var wanted []object
	for _, o := range batch {
		f := o.file()
		if unchanged == nil || !unchanged(f) {
			wanted = append(wanted, o)
			continue
		}
		if err := fn(worker, f, nil); err != nil {
			return err
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	if err := b.request(ctx, wanted); err != nil {
		return b.failed(ctx, err)
	}
	for _, o := range wanted {
		data, objectErr, err := b.next()
		if err != nil {
			return b.failed(ctx, err)
		}
		if objectErr != nil {
			unread.add(o.path, objectErr)
			continue
		}
		if err := fn(worker, o.file(), data); err != nil {
			return err
		}
	}
	return nil
}

func (o object) file() File { return File{Path: o.path, Mode: o.mode, Object: o.id} }

// request requests the objects of a batch at once. A batch is far smaller than what
// a pipe holds, so that this never waits for output to be read.
func (b *blobs) request(ctx context.Context, batch []object) error {
	if b.cmd == nil {
		if err := b.start(ctx); err != nil {
			return err
		}
	}
	var request strings.Builder
	for _, o := range batch {
		request.WriteString(o.id)
		request.WriteByte('\n')
	}
	_, err := io.WriteString(b.in, request.String())
	return err
}

// next reads the next object: its bytes, valid until the next
// call, or the error of this object alone.
func (b *blobs) next() (data []byte, objectErr, err error) {
	line, err := b.out.ReadString('\n')
	if err != nil {
		return nil, nil, err
	}
	fields := strings.Fields(line) // id, type, size; or id, "missing"
	if len(fields) == 2 {
		return nil, fmt.Errorf(
			"missing git object %s: fetch it (git fsck --connectivity-only lists all)",
			fields[0]), nil
	}
	if len(fields) != 3 {
		return nil, nil, errListing
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, nil, errListing
	}
	if size > MaxFileSize {
		_, err := io.CopyN(io.Discard, b.out, size+1)
		return nil, tooLarge(size), err
	}
	if int64(len(b.buf)) <= size || b.buf == nil {
		b.buf = make([]byte, max(64<<10, size+size/4+1))
	}
	whole := b.buf[:size+1] // a line feed follows
	if _, err := io.ReadFull(b.out, whole); err != nil {
		return nil, nil, err
	}
	return whole[:size:size], nil, nil
}

// failed returns err with what the process said before it ended.
func (b *blobs) failed(ctx context.Context, err error) error {
	if b.cmd == nil {
		return err
	}
	_ = b.in.Close()
	_ = b.cmd.Process.Kill()
	b.ended(b.cmd.Wait()) // all it said is there then
	err = b.git.failed(ctx, err, b.stderr.String(), []string{"cat-file"})
	b.cmd = nil
	return err
}
