package registry

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Waits is a clock that does not wait: who sleeps finds that the time has passed.
type Waits struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// DoNotWait gives a client that has asked nothing yet such a clock.
func (c *Client) DoNotWait() *Waits {
	w := &Waits{now: time.Now()}
	c.clock = clock{now: w.Now, sleep: w.sleep}
	return w
}

// Now is the time on the clock.
func (w *Waits) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *Waits) sleep(ctx context.Context, d time.Duration, _ <-chan struct{}) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	w.slept = append(w.slept, d)
	return context.Cause(ctx)
}

// Slept returns how long was slept each time.
func (w *Waits) Slept() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.slept)
}

// Resolver gives a client that has asked nothing yet a DNS of its own.
func (c *Client) Resolver(lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)) {
	c.lookup = lookup
}
