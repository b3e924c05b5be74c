package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
)

// start measures what it costs to start the binary, and its size.
func start(ctx context.Context, b *bench) error {
	info, err := os.Stat(b.plumb)
	if err != nil {
		return fmt.Errorf("%w: run make build", err)
	}
	all, err := b.interleave(ctx, command{dir: b.dir, args: []string{b.plumb, "--version"}})
	if err != nil {
		return err
	}
	b.budget("start-cpu", inMilliseconds(all[0].cpu()), 32, milliseconds)
	b.budget("binary-size", float64(info.Size())/1e6, 85, megabytes)
	return nil
}

// readLock measures how long it takes to read a lock of 10,000 entries.
func readLock(_ context.Context, b *bench) error {
	const entries = 10_000
	g := newGenerator()
	l := &lockfile.Lock{}
	for len(l.Entries) < entries {
		l.Entries = append(l.Entries, g.newEntry())
	}
	l.Sort()
	data := l.Format()
	var times []time.Duration
	for range b.runs + 1 {
		runtime.GC()
		begin := time.Now()
		read, err := lockfile.Parse("plumb.lock", data)
		took := time.Since(begin)
		if err != nil {
			return err
		}
		if len(read.Entries) != entries {
			return errors.New("the lock that was read has other entries than the one that was written")
		}
		times = append(times, took)
	}
	times = times[1:]
	slices.Sort(times)
	b.note("a lock of %d entries, %.1f MB", entries, float64(len(data))/1e6)
	b.budget("read-lock", inMilliseconds(times[len(times)/2]), 25, milliseconds)
	return nil
}
