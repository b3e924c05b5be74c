package tree

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// batchSize is how many files a worker takes at a time: enough to make the
// hand-over cheap, few enough that the last batches end together.
const batchSize = 16

// fanOut runs produce in one goroutine and work in Workers others, which share
// the batches that produce sends. It returns the first error of any of them,
// and ctx's where ctx has ended.
func fanOut[T any](
	ctx context.Context,
	produce func(ctx context.Context, send func(batch []T) error) error,
	work func(ctx context.Context, worker int, batches <-chan []T) error,
) error {
	group, groupCtx := errgroup.WithContext(ctx)
	batches := make(chan []T, 4*Workers())
	group.Go(func() error {
		defer close(batches)
		return produce(groupCtx, func(batch []T) error {
			select {
			case batches <- batch:
				return nil
			case <-groupCtx.Done():
				return groupCtx.Err()
			}
		})
	})
	for worker := range Workers() {
		group.Go(func() error { return work(groupCtx, worker, batches) })
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// fileErrors collects the errors of files while others are read.
type fileErrors struct {
	mu    sync.Mutex
	files []FileError
}

func (f *fileErrors) add(path string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files = append(f.files, FileError{Path: path, Err: err})
}

// unreadable returns the errors as an *UnreadableError, or nil if there are none.
func (f *fileErrors) unreadable() error {
	if len(f.files) == 0 {
		return nil
	}
	sortFiles(f.files)
	return &UnreadableError{Files: f.files}
}

func sortFiles(files []FileError) {
	slices.SortFunc(files, func(a, b FileError) int { return cmp.Compare(a.Path, b.Path) })
}
