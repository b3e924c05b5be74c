package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progressDelay is how long a command works before it says so.
const progressDelay = time.Second

// Progress draws one line on a terminal, and nothing anywhere else. Many goroutines
// may call Step at once.
type Progress struct {
	mu    sync.Mutex
	last  int // step that is shown
	out   io.Writer
	verb  string
	start time.Time
	shown bool
	on    bool
}

// Progress returns what shows the progress of a command, which verb says: "resolving".
func (o *IO) Progress(verb string) *Progress {
	on := !o.Quiet && IsTerminal(o.Stderr)
	return &Progress{out: o.Stderr, verb: verb, start: time.Now(), on: on}
}

// Step shows that so many steps are done of a total.
func (p *Progress) Step(done, total int) {
	if !p.on || time.Since(p.start) < progressDelay {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if done <= p.last {
		return // another goroutine was faster
	}
	p.shown, p.last = true, done
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s %d of %d", p.verb, done, total)
}

// Done removes the line.
func (p *Progress) Done() {
	if p.shown {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}
