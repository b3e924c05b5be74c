package registry

import (
	"context"
	"math/rand/v2"
	"time"
)

// clock is how a client waits.
type clock struct {
	now func() time.Time
	// sleep waits for d or until stop is closed. It fails when ctx ends.
	sleep func(ctx context.Context, d time.Duration, stop <-chan struct{}) error
}

// wallClock is the clock of a Client.
var wallClock = clock{now: time.Now, sleep: sleep}

func sleep(ctx context.Context, d time.Duration, stop <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// The waits between tries double from the first to the last.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = 2 * time.Second
)

// backoff is how long to wait after so many tries: at least half of what it could
// be, and the rest by chance, so that those who failed together do not come back
// together.
func backoff(tries int) time.Duration {
	d := firstWait
	for range tries - 1 {
		d = min(2*d, lastWait)
	}
	return d/2 + rand.N(d/2+1)
}
