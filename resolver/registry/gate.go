package registry

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// maxMisses is how many requests in a row a host may leave without an answer
// before it counts as down.
const maxMisses = 3

// gate is what all requests to one host have to pass: it is open, closed until
// some time, or shut for good.
type gate struct {
	host  string
	clock clock
	shut  chan struct{} // closed with the gate

	mu         sync.Mutex
	reason     *notAsked // why it is shut; nil if it is not
	until      time.Time // nothing is sent before
	good       int       // answers that were no refusals
	misses     int       // requests in a row without an answer
	round      int       // see silent
	identified bool      // credentials were sent
}

func newGate(host string, c clock) *gate {
	return &gate{host: host, clock: c, shut: make(chan struct{})}
}

// notAsked is why a request was not sent.
type notAsked struct {
	reason  string
	refusal *Error // which used the host's allowance up; nil if it did not end so
}

func (n *notAsked) Error() string { return "not asked: " + n.reason }

// admit returns how long to wait before a request may be sent, and the round in
// which it is sent. The error is a *notAsked.
func (g *gate) admit() (round int, wait time.Duration, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason != nil {
		return 0, 0, g.reason
	}
	return g.round, g.until.Sub(g.clock.now()), nil
}

// sleep waits, but no longer than until the gate is shut. It fails when ctx ends.
func (g *gate) sleep(ctx context.Context, d time.Duration) error {
	return g.clock.sleep(ctx, d, g.shut)
}

// close shuts the gate for good. The first reason counts.
func (g *gate) close(reason *notAsked) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closeLocked(reason)
}

func (g *gate) closeLocked(reason *notAsked) {
	if g.reason == nil {
		g.reason = reason
		close(g.shut)
	}
}

// heard notes that the host has answered, whatever it said. If it asks to be left
// alone until a time not far off, or says that nothing remains until then, that
// goes for all: the gate is closed so long.
func (g *gate) heard(resp *http.Response) {
	refused := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable
	var until time.Time
	if refused || noneRemains(resp.Header) {
		now := g.clock.now()
		if wait := readRate(resp.Header, now).wait; wait <= maxPause {
			until = now.Add(wait)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.misses = 0
	if until.After(g.until) {
		g.until = until
	}
}

// served notes an answer that was no refusal.
func (g *gate) served() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.good++
}

// progress returns how many answers were no refusals so far.
func (g *gate) progress() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.good
}

// silent notes that a request that was sent in a round had no answer in time. Of
// those that were under way together one counts: a host that was away for a
// moment would lose them all at once.
func (g *gate) silent(round int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if round == g.round {
		g.round++
		g.miss(err)
	}
}

// dead notes that a request's connections broke each time it was sent.
func (g *gate) dead(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.miss(err)
}

func (g *gate) miss(err error) {
	if g.misses++; g.misses >= maxMisses {
		g.closeLocked(&notAsked{reason: fmt.Sprintf("%s is down: %d requests in a row had no answer, the last one: %v", g.host, g.misses, err)})
	}
}

// identify notes that credentials were sent.
func (g *gate) identify() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.identified = true
}

func (g *gate) isIdentified() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.identified
}
