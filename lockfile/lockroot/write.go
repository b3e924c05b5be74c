package lockroot

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Writer opens lock roots that are to be written, and keeps other writers out of them
// until Close.
type Writer struct {
	// Dry reports whether nothing is going to be written, so that no lock is needed.
	Dry bool
	// Wait is called with a message for people if another process holds the lock of a
	// lock root.
	Wait func(message string)

	trees map[string]*tree.WorkTree
	held  []func()
}

// Open is an Opener. It waits until no other process writes to the lock root, and then
// locks it, so that what is read stays true.
func (w *Writer) Open(ctx context.Context, dir string) (tree.Tree, error) {
	if t := w.trees[dir]; t != nil {
		return t, nil
	}
	t, err := tree.OpenWorkTree(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !w.Dry {
		unlock, err := t.Lock(ctx, w.Wait)
		if err != nil {
			return nil, err
		}
		w.held = append(w.held, unlock)
	}
	if w.trees == nil {
		w.trees = map[string]*tree.WorkTree{}
	}
	w.trees[dir] = t
	return t, nil
}

// Close unlocks all lock roots for other writers.
func (w *Writer) Close() {
	for _, unlock := range w.held {
		unlock()
	}
	w.held = nil
}

// SortRequests puts requests into the order in which all processes lock them, so that
// no two wait for one another: each lock root before those inside of it, and these
// before its neighbours.
func SortRequests(requests []Request) {
	separator := string(filepath.Separator)
	order := func(dir string) string { return strings.ReplaceAll(dir, separator, "\x00") }
	slices.SortFunc(requests, func(a, b Request) int {
		return strings.Compare(order(a.Dir), order(b.Dir))
	})
}

// Edit has the files of a lock root that change.
type Edit struct {
	Root   *Root
	Writes []tree.Write
}

// WriteAll writes the files of all edits. It first checks that every file can be
// written: if not, it changes none, and the error joins the reasons.
func (w *Writer) WriteAll(ctx context.Context, edits []Edit) error {
	var refused []error
	for _, e := range edits {
		if len(e.Writes) > 0 {
			refused = append(refused, e.refusals(w.trees[e.Root.Dir].Check(e.Writes))...)
		}
	}
	if len(refused) > 0 {
		return errors.Join(append(refused, errors.New("no file was changed"))...)
	}
	for _, e := range edits {
		if len(e.Writes) == 0 {
			continue
		}
		if err := w.trees[e.Root.Dir].WriteAll(ctx, e.Writes); err != nil {
			return errors.Join(e.refusals(err)...)
		}
	}
	return nil
}

// refusals are the errors of the files that cannot be written, with their names in
// messages.
func (e Edit) refusals(err error) []error {
	var refused *tree.RefusedError
	if !errors.As(err, &refused) {
		if err != nil {
			return []error{err}
		}
		return nil
	}
	var out []error
	for _, f := range refused.Files {
		out = append(out, fmt.Errorf("writing %s: %w", e.Root.Display(f.Path), f.Err))
	}
	return out
}
