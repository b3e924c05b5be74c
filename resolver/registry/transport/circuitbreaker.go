package transport

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// maxMisses is how many requests in a row a host may leave without a response before
// it counts as down.
const maxMisses = 3

// circuitBreaker decides whether requests to one host are sent: now, after some time,
// or, once it is open, not at all.
type circuitBreaker struct {
	host   string
	clock  Clock
	opened chan struct{} // closed when the breaker opens

	mu            sync.Mutex
	reason        *notSentError // why it is open; nil if it is closed
	until         time.Time     // nothing is sent before
	successes     int           // responses that were no refusals
	misses        int           // requests in a row without a response
	batch         int           // see recordTimeout
	authenticated bool          // credentials were sent
}

func newCircuitBreaker(host string, c Clock) *circuitBreaker {
	return &circuitBreaker{host: host, clock: c, opened: make(chan struct{})}
}

// notSentError is why a request was not sent.
type notSentError struct {
	reason  string
	refusal *Error // that exceeded the host's rate limit; nil for other reasons
}

// Error gives the reason.
func (e *notSentError) Error() string { return "not sent: " + e.reason }

// allow returns how long to wait before a request may be sent, and the batch that it
// belongs to. The error is a *notSentError.
func (b *circuitBreaker) allow() (batch int, wait time.Duration, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reason != nil {
		return 0, 0, b.reason
	}
	return b.batch, b.until.Sub(b.clock.Now()), nil
}

// sleep waits for d, or until the breaker opens. It fails when ctx ends.
func (b *circuitBreaker) sleep(ctx context.Context, d time.Duration) error {
	return b.clock.Sleep(ctx, d, b.opened)
}

// open opens the breaker for good. The first reason counts.
func (b *circuitBreaker) open(reason *notSentError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.openLocked(reason)
}

func (b *circuitBreaker) openLocked(reason *notSentError) {
	if b.reason == nil {
		b.reason = reason
		close(b.opened)
	}
}

// recordResponse notes that the host has responded, whatever its status. If it asks
// for a short pause, or says that its rate limit is used up until a time not far off,
// all requests wait until then.
func (b *circuitBreaker) recordResponse(resp *http.Response) {
	refused := resp.StatusCode == http.StatusTooManyRequests ||
		resp.StatusCode == http.StatusServiceUnavailable
	var until time.Time
	if refused || noneRemains(resp.Header) {
		now := b.clock.Now()
		if wait := readRateLimit(resp.Header, now).wait; wait <= maxPause {
			until = now.Add(wait)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.misses = 0
	if until.After(b.until) {
		b.until = until
	}
}

// recordSuccess notes a response that was no refusal.
func (b *circuitBreaker) recordSuccess() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.successes++
}

// successCount returns how many responses were no refusals so far.
func (b *circuitBreaker) successCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.successes
}

// recordTimeout notes that a request of a batch had no response in time. Of those that
// were sent together one counts: a host that was away for a moment would lose them all
// at once.
func (b *circuitBreaker) recordTimeout(batch int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if batch == b.batch {
		b.batch++
		b.missLocked(err)
	}
}

// recordBroken notes that a request's connection broke at each try.
func (b *circuitBreaker) recordBroken(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.missLocked(err)
}

func (b *circuitBreaker) missLocked(err error) {
	if b.misses++; b.misses >= maxMisses {
		b.openLocked(
			&notSentError{
				reason: fmt.Sprintf(
					"%s is down: %d requests in a row had no response, the last one: %v", b.host,
					b.misses, err),
			},
		)
	}
}

// recordCredentials notes that credentials were sent.
func (b *circuitBreaker) recordCredentials() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.authenticated = true
}

func (b *circuitBreaker) isAuthenticated() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.authenticated
}
