package main

import (
	"fmt"
	"sync"
	"time"
)

// patience is how long a command works before it says so.
const patience = time.Second

// progress draws one line on a terminal, and nothing anywhere else. It may be told of
// steps by many goroutines at once.
type progress struct {
	mu    sync.Mutex
	last  int // step that is shown
	s     *session
	verb  string
	start time.Time
	shown bool
	on    bool
}

func (s *session) progress(verb string) *progress {
	return &progress{s: s, verb: verb, start: time.Now(), on: !s.quiet && isTerminal(s.stderr)}
}

func (p *progress) step(done, total int) {
	if !p.on || time.Since(p.start) < patience {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if done <= p.last {
		return // another goroutine was faster
	}
	p.shown, p.last = true, done
	_, _ = fmt.Fprintf(p.s.stderr, "\r\x1b[K%s %d of %d", p.verb, done, total)
}

// done takes the line away.
func (p *progress) done() {
	if p.shown {
		_, _ = fmt.Fprint(p.s.stderr, "\r\x1b[K")
	}
}
