package admission

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/source"
)

// Run keeps the State up to date until ctx ends.
func (r *Reloader) Run(ctx context.Context) {
	r.mu.Lock()
	if r.signal == nil {
		r.signal = make(chan struct{}, 1)
	}
	r.mu.Unlock()
	for failures := 0; ; {
		err := r.Refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		if r.Observe != nil {
			r.Observe(err)
		}
		failures = failed(failures, err)
		timer := time.NewTimer(r.pause(failures))
		select {
		case <-ctx.Done(): // Refresh fails now
		case <-timer.C:
		case <-r.signal:
		}
		timer.Stop()
	}
}

// failed counts the transient failures in a row.
func failed(before int, err error) int {
	var refused *source.RefusedError
	if err == nil || errors.Is(err, source.ErrUnchanged) || errors.As(err, &refused) {
		return 0
	}
	return before + 1
}

// pause is the time until the next fetch: the interval, or after failures a second, two,
// four and so on, up to a minute or the interval.
func (r *Reloader) pause(failures int) time.Duration {
	interval := r.Interval
	if interval <= 0 {
		interval = math.MaxInt64
	}
	if failures == 0 {
		return interval
	}
	return min(interval, time.Minute, time.Second<<min(failures-1, 10))
}

// Signal makes Run fetch at once. It does not wait for it.
func (r *Reloader) Signal() {
	r.mu.Lock()
	if r.signal == nil {
		r.signal = make(chan struct{}, 1)
	}
	r.mu.Unlock()
	select {
	case r.signal <- struct{}{}:
	default: // one is waiting already
	}
}
