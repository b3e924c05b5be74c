package cli

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/resolver"
)

// redrawInterval is how long a line of progress stays as it is.
const redrawInterval = 100 * time.Millisecond

// Progress draws one line on a terminal, and nothing anywhere else. Many goroutines
// may call its methods at once.
type Progress struct {
	out     io.Writer
	columns func() int // of the terminal; nil for those of a page
	verb    string
	on      bool

	mu          sync.Mutex
	done, total int
	waiting     map[string]int // names by host
	drawn       time.Time
	redraw      *time.Timer // nil if what is drawn is up to date
	shown       bool
	ended       bool
}

// Progress returns what shows the progress of a command, which verb says: "resolving".
// Done has to be called before the next one.
func (o *IO) Progress(verb string) *Progress {
	p := &Progress{out: o.Stderr, verb: verb, on: !o.Quiet && IsTerminal(o.Stderr),
		columns: func() int { return Columns(o.Stderr, o.Getenv) }}
	if p.on {
		p.waiting = map[string]int{}
		o.writing.Lock()
		defer o.writing.Unlock()
		o.progress = p
	}
	return p
}

// Step shows that so many steps are done of a total.
func (p *Progress) Step(done, total int) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = max(p.done, done), total // another goroutine may have been faster
	p.changed()
}

// Query shows a step of queries to registries, and which hosts are waited for.
func (p *Progress) Query(s resolver.Step) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !s.Done:
		p.waiting[s.Host]++
	case p.waiting[s.Host] > 1:
		p.waiting[s.Host]--
	default:
		delete(p.waiting, s.Host)
	}
	if s.Total > 0 {
		if p.total = s.Total; s.Done {
			p.done++
		}
	}
	p.changed()
}

// Done removes the line.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.erase()
}

// above calls write, which writes to the terminal, while the line is not there.
func (p *Progress) above(write func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	shown := p.shown
	p.erase()
	if write(); shown {
		p.changed()
	}
}

// changed draws the line, now or when it has stayed as it is for long enough.
func (p *Progress) changed() {
	if p.ended || p.redraw != nil {
		return
	}
	wait := redrawInterval - time.Since(p.drawn)
	if wait <= 0 {
		p.draw()
		return
	}
	p.redraw = time.AfterFunc(wait, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.redraw = nil; !p.ended {
			p.draw()
		}
	})
}

func (p *Progress) draw() {
	p.shown, p.drawn = true, time.Now()
	columns := pageWidth
	if p.columns != nil {
		columns = p.columns()
	}
	_, _ = io.WriteString(p.out, "\r\x1b[K"+SanitizeTerminal(p.line(columns-1)))
}

func (p *Progress) erase() {
	if p.shown {
		_, _ = io.WriteString(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// line is what is drawn, in at most width columns: "resolving 37 of 500 (waiting for
// ghcr.io: 12, quay.io: 3)".
func (p *Progress) line(width int) string {
	text := p.verb
	if p.total > 0 {
		text += fmt.Sprintf(" %d of %d", p.done, p.total)
	}
	hosts := p.busiest()
	for n := len(hosts); n > 0; n-- {
		list := strings.Join(hosts[:n], ", ")
		if more := len(hosts) - n; more > 0 {
			list += fmt.Sprintf(" and %d more", more)
		}
		if long := text + " (waiting for " + list + ")"; len(long) <= width {
			return long
		}
	}
	return text[:max(0, min(len(text), width))]
}

// busiest lists the hosts that are waited for, those with the most names first.
func (p *Progress) busiest() []string {
	hosts := make([]string, 0, len(p.waiting))
	for host := range p.waiting {
		hosts = append(hosts, host)
	}
	sort.Slice(hosts, func(i, j int) bool {
		if a, b := p.waiting[hosts[i]], p.waiting[hosts[j]]; a != b {
			return a > b
		}
		return hosts[i] < hosts[j]
	})
	for i, host := range hosts {
		hosts[i] = fmt.Sprintf("%s: %d", host, p.waiting[host])
	}
	return hosts
}
