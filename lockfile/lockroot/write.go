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
	// Dry says that nothing is going to be written.
	Dry bool
	// Wait is called with what a person should know while another process has a lock
	// root.
	Wait func(message string)

	trees map[string]*tree.WorkTree
	held  []func()
}

// Open is an Opener. Before it returns, no other process writes to the lock root any
// more, so that what is read of it stays true.
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

// Close lets other writers in.
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
	order := func(dir string) string { return strings.ReplaceAll(dir, string(filepath.Separator), "\x00") }
	slices.SortFunc(requests, func(a, b Request) int { return strings.Compare(order(a.Dir), order(b.Dir)) })
}

// Edit is what changes in a lock root.
type Edit struct {
	Root   *Root
	Writes []tree.Write
}

// WriteAll writes the files of all edits. Whatever stands in the way of any of them is
// found before the first file is changed, and told at once.
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

// refusals name the files that cannot be written as messages do.
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
