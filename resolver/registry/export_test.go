package registry

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// FakeClock is a clock on which sleeping takes no time.
type FakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// DoNotWait gives a client without any requests a FakeClock.
func (c *Client) DoNotWait() *FakeClock {
	f := &FakeClock{now: time.Now()}
	c.transport.Clock = transport.Clock{Now: f.Now, Sleep: f.sleep}
	return f
}

// Now is the time on the clock.
func (f *FakeClock) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *FakeClock) sleep(ctx context.Context, d time.Duration, _ <-chan struct{}) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	f.slept = append(f.slept, d)
	return context.Cause(ctx)
}

// Slept returns how long each sleep was.
func (f *FakeClock) Slept() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.slept)
}
