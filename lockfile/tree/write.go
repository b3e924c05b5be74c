package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// Write is one file to write or to remove.
type Write struct {
	Path string // slash-separated, relative to the tree's root
	// Old is what the file holds now; nil if there must be no such file.
	Old []byte
	New []byte
	// Remove says that the file is to go. New is not looked at then.
	Remove bool
}

// RefusedError lists every file that cannot be written, in the order
// of the writes. Nothing has been written.
type RefusedError struct {
	Files []FileError
}

// Error returns one line for each file.
func (e *RefusedError) Error() string { return joinFiles("writing", e.Files) }

// Unwrap returns the files' errors.
func (e *RefusedError) Unwrap() []error { return unwrapFiles(e.Files) }

// PartialError says that writing broke off and could not be undone: some files
// are new, each of them complete. Writing the same again fixes it.
type PartialError struct {
	Written []string // paths of the files that are new
	Err     error    // why it broke off, and why it could not be undone
}

// Error names the files that are new.
func (e *PartialError) Error() string {
	return fmt.Sprintf("%v; already written: %s", e.Err, strings.Join(e.Written, ", "))
}

// Unwrap returns the cause.
func (e *PartialError) Unwrap() error { return e.Err }

// WriteAll makes every write or none. It first looks at all the files, and
// rejects them with a *RefusedError that lists every file that has changed since Old,
// is read-only or not a regular file, or is in a directory that cannot be written.
// It then puts the new content beside each file, on disk, and only when all of it
// is there renames it into place, or removes the file, in the order given.
// Permission bits and extended attributes stay, and the owner where the system allows it.
//
// Killed at any moment it leaves each file old or new, never a part, and
// temporary files that git ignores and that the next Lock removes. The end of ctx counts until the
// first file is renamed; from there on writing ends in a moment. If renaming
// fails half-way, what is new already is put back; where that fails too, the
// error is a *PartialError.
//
// Where the caller does not hold the tree's Lock, WriteAll takes it for the
// time of writing.
func (t *WorkTree) WriteAll(ctx context.Context, writes []Write) error {
	if len(writes) == 0 {
		return nil
	}
	held, release, err := t.ensureLock(ctx)
	if err != nil {
		return err
	}
	defer release()
	root, err := os.OpenRoot(t.root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing is written through it itself
	if err := checkAll(root, writes); err != nil {
		return err
	}
	if err := t.hideTemps(ctx); err != nil {
		return err
	}
	w := writer{root: root, held: held, staged: make([]staged, len(writes))}
	if err := w.stage(ctx, writes); err != nil {
		return errors.Join(err, w.discard())
	}
	return w.commit(ctx)
}

// writer makes the writes of one WriteAll.
type writer struct {
	root   *os.Root
	held   *lockFile
	staged []staged
}

// staged is a write and the temporary file that holds its new content.
type staged struct {
	Write
	temp string // path of the temporary file
	made bool   // whether temp may be there
}

// writersAtOnce bounds the files that are flushed to disk at the same time.
// Flushing waits for the device, which serves several almost as fast as one.
const writersAtOnce = 8

// stage puts the new content of every file beside it. The names of the
// temporary files are on disk before the first of them is.
func (w *writer) stage(ctx context.Context, writes []Write) error {
	names := make([]string, len(writes))
	for i, write := range writes {
		names[i] = path.Join(path.Dir(write.Path), tempName())
		w.staged[i] = staged{Write: write, temp: names[i], made: !write.Remove}
	}
	if err := w.held.announce(names); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writersAtOnce)
	for _, s := range w.staged {
		if s.Remove {
			continue
		}
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := w.create(s.temp, s.Path, s.New); err != nil {
				return FileError{Path: s.Path, Err: cause(err)}
			}
			return nil
		})
	}
	return group.Wait()
}

// create writes the file temp, which is to take the place of target.
func (w *writer) create(temp, target string, content []byte) (err error) {
	if err := w.root.MkdirAll(filepath.FromSlash(path.Dir(temp)), 0o777); err != nil {
		return err
	}
	file, err := w.root.OpenFile(filepath.FromSlash(temp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := w.keep(file, target); err != nil {
		return err
	}
	return file.Sync()
}

// keep gives a new file what it keeps of the file that it replaces, if there is one.
func (w *writer) keep(file *os.File, target string) error {
	of, err := w.root.Open(filepath.FromSlash(target)) // a regular file, as checkAll has seen
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = of.Close() }() // nothing is written to it
	return atomicfile.Keep(file, of)
}

// commit renames every temporary file into place, or puts all of them back.
func (w *writer) commit(ctx context.Context) error {
	err := context.Cause(ctx)
	if err == nil {
		err = checkAll(w.root, w.writes()) // staging takes time
	}
	if err != nil {
		return errors.Join(err, w.discard())
	}
	for i := range w.staged {
		s := &w.staged[i]
		if err := w.put(s); err != nil {
			return w.undo(i, FileError{Path: s.Path, Err: cause(err)})
		}
		s.made = false
	}
	if err := w.syncDirectories(); err != nil {
		return err
	}
	return w.held.announce(nil)
}

// put makes one write.
func (w *writer) put(s *staged) error {
	if s.Remove {
		return w.root.Remove(filepath.FromSlash(s.Path))
	}
	return w.root.Rename(filepath.FromSlash(s.temp), filepath.FromSlash(s.Path))
}

func (w *writer) writes() []Write {
	writes := make([]Write, len(w.staged))
	for i, s := range w.staged {
		writes[i] = s.Write
	}
	return writes
}

// undo puts back the first n files, which are new, because of why.
func (w *writer) undo(n int, why error) error {
	errs := []error{why}
	var left []string
	for i := range w.staged[:n] {
		s := &w.staged[i]
		if err := w.restore(s); err != nil {
			errs = append(errs,
				FileError{Path: s.Path, Err: fmt.Errorf("restoring it: %w", cause(err))})
			left = append(left, s.Path)
		}
	}
	err := errors.Join(append(errs, w.syncDirectories(), w.discard())...)
	if len(left) > 0 {
		return &PartialError{Written: left, Err: err}
	}
	return err
}

// restore undoes one write that was made, by way of its temporary file again,
// whose name is still announced.
func (w *writer) restore(s *staged) error {
	name := filepath.FromSlash(s.Path)
	if s.Old == nil {
		return w.root.Remove(name)
	}
	s.made = true
	if err := w.create(s.temp, s.Path, s.Old); err != nil {
		return err
	}
	if err := w.root.Rename(filepath.FromSlash(s.temp), name); err != nil {
		return err
	}
	s.made = false
	return nil
}

// discard removes the temporary files that are still there.
func (w *writer) discard() error {
	var errs []error
	for i, s := range w.staged {
		if !s.made {
			continue
		}
		if err := remove(w.root, s.temp); err != nil {
			errs = append(errs, FileError{Path: s.temp, Err: cause(err)})
			continue
		}
		w.staged[i].made = false
	}
	if errs != nil {
		return errors.Join(errs...)
	}
	return w.held.announce(nil)
}

// remove removes the file at path, if there is one.
func remove(root *os.Root, path string) error {
	err := root.Remove(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDirectories makes the renames last through a loss of power.
func (w *writer) syncDirectories() error {
	done := map[string]bool{}
	for _, s := range w.staged {
		dir := path.Dir(s.Path)
		if done[dir] {
			continue
		}
		done[dir] = true
		if err := syncDirectory(w.root, filepath.FromSlash(dir)); err != nil {
			return FileError{Path: dir, Err: cause(err)}
		}
	}
	return nil
}
