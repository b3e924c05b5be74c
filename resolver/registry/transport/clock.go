package transport

import (
	"context"
	"math/rand/v2"
	"time"
)

// Clock tells the time and waits.
type Clock struct {
	// Now returns the current time.
	Now func() time.Time
	// Sleep waits for d or until stop is closed. It fails when ctx ends.
	Sleep func(ctx context.Context, d time.Duration, stop <-chan struct{}) error
}

// wallClock is the clock of a Transport outside of tests.
var wallClock = Clock{Now: time.Now, Sleep: sleep}

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

// The pauses between tries double from the first to the last.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 2 * time.Second
)

// backoff returns the pause after so many tries: half of it fixed and half of it
// random, so that requests that failed together are not retried together.
func backoff(tries int) time.Duration {
	d := firstPause
	for range tries - 1 {
		d = min(2*d, lastPause)
	}
	return d/2 + rand.N(d/2+1)
}
