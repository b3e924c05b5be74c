package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// progressEvery is the time between two lines about a build.
const progressEvery = 15 * time.Second

// builder builds tools into a folder.
type builder struct {
	dir string
	out io.Writer
}

// list says which tools are not built.
func (b builder) list(tools []tool) {
	for _, t := range tools {
		if !t.there() {
			fmt.Fprintf(b.out, "!!!! not built; ITS TESTS ARE SKIPPED: %s (make test builds it)\n", t.title)
		}
	}
}

// buildAll builds the tools that are not there, one after the other, and keeps each when
// it is built. It goes on after one that fails.
func (b builder) buildAll(ctx context.Context, tools []tool) error {
	var absent []tool
	for _, t := range tools {
		if !t.there() {
			absent = append(absent, t)
		}
	}
	var errs []error
	for i, t := range absent {
		fmt.Fprintf(b.out, "%s: building, %d of %d, once, into %s; about %s if nothing is cached\n",
			t.title, i+1, len(absent), filepath.Dir(t.path), t.takes)
		err := b.build(ctx, t)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case errors.Is(err, errNoNPM):
			fmt.Fprintln(b.out, "!!!!", err)
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", t.title, err))
		}
	}
	return errors.Join(errs...)
}

// build builds one tool, and moves it to its place when it is complete.
func (b builder) build(ctx context.Context, t tool) (err error) {
	if err := os.MkdirAll(filepath.Dir(t.path), 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(b.dir, "."+t.name+"-") // of the same file system
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	p := &progress{start: time.Now()}
	stop := p.every(progressEvery, func() { fmt.Fprintf(b.out, "%s: %s\n", t.title, p) })
	err = t.build(ctx, temp, p)
	stop()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, p.rest())
	}
	if err := os.Rename(filepath.Join(temp, filepath.Base(t.path)), t.path); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%s: built in %v\n", t.title, time.Since(p.start).Round(time.Second))
	return nil
}

// progress counts what "go build -v" says, and keeps the rest.
type progress struct {
	start time.Time

	mu                sync.Mutex
	partial           string
	modules, compiled int
	other             []string
}

// Write takes a part of the output.
func (p *progress) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partial += string(data)
	for {
		line, rest, found := strings.Cut(p.partial, "\n")
		if !found {
			return len(data), nil
		}
		p.partial = rest
		switch {
		case strings.HasPrefix(line, "go: downloading "):
			p.modules++
		case !strings.ContainsAny(line, " :#"): // a package's path
			p.compiled++
		default:
			p.other = append(p.other, line)
		}
	}
}

// String says how far the build is.
func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%d modules downloaded, %d packages compiled, %v", p.modules, p.compiled,
		time.Since(p.start).Round(time.Second))
}

// rest returns the output that was not counted.
func (p *progress) rest() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.other, p.partial), "\n")
}

// every calls f in intervals, until the function that it returns is called.
func (p *progress) every(interval time.Duration, f func()) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				f()
			}
		}
	})
	return func() { close(done); ended.Wait() }
}
