package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// requestTime is how long one request may take from the moment it is sent to the
// last byte of its answer.
const requestTime = 30 * time.Second

// errSlow is the outcome of a request that took longer.
var errSlow = errors.New("no complete answer within " + requestTime.String())

// limited sends requests to one host, so many at a time, and gives each its
// share of time once its turn has come.
type limited struct {
	next      http.RoundTripper
	slots     chan struct{}
	timeout   time.Duration
	userAgent string
}

// RoundTrip waits for its turn, sends the request, and gives up its turn when
// the answer's body is closed.
func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case l.slots <- struct{}{}:
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), l.timeout, errSlow)
	release := sync.OnceFunc(func() {
		cancel()
		<-l.slots
	})
	r = r.Clone(ctx)
	r.Header.Set("User-Agent", l.userAgent)
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		release()
		return nil, err
	}
	resp.Body = &turn{resp.Body, release}
	return resp, nil
}

// turn is a body that gives up its turn when it is closed.
type turn struct {
	io.ReadCloser
	release func()
}

// Close closes the body. It may be called more than once.
func (t *turn) Close() error {
	defer t.release()
	return t.ReadCloser.Close()
}
