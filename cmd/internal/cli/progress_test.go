package cli

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/resolver"
)

func TestProgressLine(t *testing.T) {
	p := &Progress{verb: "resolving", done: 37, total: 500,
		waiting: map[string]int{"quay.io": 3, "ghcr.io": 12, "docker.io": 3}}
	for width, want := range map[int]string{
		80: "resolving 37 of 500 (waiting for ghcr.io: 12, docker.io: 3, quay.io: 3)",
		71: "resolving 37 of 500 (waiting for ghcr.io: 12, docker.io: 3, quay.io: 3)",
		70: "resolving 37 of 500 (waiting for ghcr.io: 12, docker.io: 3 and 1 more)",
		60: "resolving 37 of 500 (waiting for ghcr.io: 12 and 2 more)",
		40: "resolving 37 of 500",
		9:  "resolving",
		0:  "",
	} {
		if got := p.line(width); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
	p = &Progress{verb: "querying", waiting: map[string]int{"ghcr.io": 1}}
	if got, want := p.line(80), "querying (waiting for ghcr.io: 1)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestProgressIsRareAndComplete has many steps at once: few are drawn, and the last one is.
func TestProgressIsRareAndComplete(t *testing.T) {
	var out bytes.Buffer
	p := &Progress{out: &out, verb: "resolving", on: true, waiting: map[string]int{}}
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			for range 100 {
				p.Query(resolver.Step{Host: "ghcr.io", Total: 10_000})
				p.Query(resolver.Step{Host: "ghcr.io", Total: 10_000, Done: true})
			}
		})
	}
	all.Wait()
	time.Sleep(2 * redrawInterval)
	p.Done()
	p.Step(1, 1) // comes too late
	if !bytes.HasSuffix(out.Bytes(), []byte("\r\x1b[Kresolving 10000 of 10000\r\x1b[K")) {
		t.Errorf("drawn: %q", out.String())
	}
	if n := bytes.Count(out.Bytes(), []byte("\r")); n > 20 {
		t.Errorf("drawn %d times", n)
	}
}

// TestProgressBelowMessages prints a message while a line is drawn.
func TestProgressBelowMessages(t *testing.T) {
	var out bytes.Buffer
	p := &Progress{out: &out, verb: "resolving", on: true, waiting: map[string]int{}}
	o := &IO{Stderr: &out, Verbose: true, progress: p}
	p.Step(1, 2)
	o.Tracef("GET %s", "u")
	p.Done()
	o.Errorf("end\n")
	const want = "\r\x1b[Kresolving 1 of 2\r\x1b[Kplumb: GET u\nend\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
