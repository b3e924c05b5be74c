package main

import (
	"fmt"
	"time"
)

// patience is how long a command works before it says so.
const patience = time.Second

// progress draws one line on a terminal, and nothing anywhere else.
type progress struct {
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
	p.shown = true
	_, _ = fmt.Fprintf(p.s.stderr, "\r\x1b[K%s %d of %d", p.verb, done, total)
}

// done takes the line away.
func (p *progress) done() {
	if p.shown {
		_, _ = fmt.Fprint(p.s.stderr, "\r\x1b[K")
	}
}
