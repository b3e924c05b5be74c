package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lock measures lock and lock update against registries that take their time.
func lock(ctx context.Context, b *bench) error {
	f, err := startFleet()
	if err != nil {
		return err
	}
	defer f.close()
	repo := filepath.Join(b.dir, "repo")
	reset := func() error { return f.writeRepository(repo) }
	if err := reset(); err != nil {
		return err
	}
	if err := b.commit(ctx, repo); err != nil {
		return err
	}
	plan := filepath.Join(b.dir, "plan.json")
	if err := f.writePlan(plan); err != nil {
		return err
	}
	if err := b.lockNew(ctx, f, repo, plan, reset); err != nil {
		return err
	}
	if err := b.lockAgain(ctx, f, repo); err != nil {
		return err
	}
	return b.updateUnmoved(ctx, f, repo)
}

// lockNew measures a lock of names that are all new.
func (b *bench) lockNew(
	ctx context.Context, f *fleet, repo, plan string, reset func() error,
) error {
	requests := 0
	locking := command{dir: repo, args: []string{b.plumb, "lock"}, before: func() error {
		f.reset()
		// What another run has read by digest would not be fetched.
		if err := os.RemoveAll(filepath.Join(cacheDir(b.dir), "plumb", "content")); err != nil {
			return err
		}
		return reset()
	}}
	bare := command{dir: repo, args: []string{b.self, bareMode, plan}, before: func() error {
		requests = f.requests("")
		f.reset()
		return nil
	}}
	all, err := b.interleave(ctx, locking, bare)
	if err != nil {
		return err
	}
	if sent := f.requests(""); sent != f.formula() {
		return fmt.Errorf("the bare client sent %d requests, not %d", sent, f.formula())
	}
	locked, bared := all[0], all[1]
	b.note("%d names in %d repositories on %d hosts, %v a request: "+
		"lock %.0f ms, a bare client %.0f ms", names, repositories, hosts, delay,
		inMilliseconds(locked.wall()), inMilliseconds(bared.wall()))
	b.budget("lock-new-requests", float64(requests), float64(f.formula()), plain)
	b.budget("lock-new", locked.to(bared), 1.3, ratio)
	b.budget("lock-new-cpu", inMilliseconds(locked.cpu()), 1000, milliseconds)
	b.budget("lock-new-memory", locked.memory(), 100, megabytes)
	return nil
}

// lockAgain measures a lock of names that are all locked.
func (b *bench) lockAgain(ctx context.Context, f *fleet, repo string) error {
	if _, err := b.measure(ctx, command{dir: repo, args: []string{b.plumb, "lock"}}); err != nil {
		return err
	}
	if err := age(repo); err != nil {
		return err
	}
	f.reset()
	if _, err := b.measure(ctx, command{dir: repo, args: []string{b.plumb, "lock"}}); err != nil {
		return err
	}
	written, err := youngBytes(repo)
	if err != nil {
		return err
	}
	b.budget("lock-again-requests", float64(f.requests("")), 0, plain)
	b.budget("lock-again-bytes", float64(written), 0, plain)
	return nil
}

// updateUnmoved measures a lock update where no tag has moved.
func (b *bench) updateUnmoved(ctx context.Context, f *fleet, repo string) error {
	f.reset()
	update := command{dir: repo, args: []string{b.plumb, "lock", "update"}}
	if _, err := b.measure(ctx, update); err != nil {
		return err
	}
	written, err := youngBytes(repo)
	if err != nil {
		return err
	}
	b.budget("update-unmoved-heads", float64(f.requests("HEAD ")), names, plain)
	b.budget("update-unmoved-requests", float64(f.requests("")), names+repositories+hosts, plain)
	b.budget("update-unmoved-bytes", float64(written), 0, plain)
	return nil
}

// longAgo is when no benchmark ran.
var longAgo = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// age dates the files of a repository back, so that youngBytes can tell which
// ones have been written since.
func age(repo string) error {
	return eachFile(repo, func(path string, _ os.FileInfo) error {
		return os.Chtimes(path, longAgo, longAgo)
	})
}

// youngBytes is the size of all files that were written since age.
func youngBytes(repo string) (int64, error) {
	var total int64
	err := eachFile(repo, func(_ string, info os.FileInfo) error {
		if !info.ModTime().Equal(longAgo) {
			total += info.Size()
		}
		return nil
	})
	return total, err
}

// eachFile calls fn with the files of a repository, but for git's own.
func eachFile(repo string, fn func(path string, info os.FileInfo) error) error {
	return filepath.Walk(repo, func(path string, info os.FileInfo, err error) error {
		switch {
		case err != nil:
			return err
		case info.IsDir() && info.Name() == ".git":
			return filepath.SkipDir
		case info.IsDir():
			return nil
		}
		return fn(path, info)
	})
}
