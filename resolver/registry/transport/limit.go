package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// requestTimeout is how long one request may take from the moment it is sent to the
// last byte of its response, unless HostOptions.Timeout says otherwise.
const requestTimeout = 20 * time.Second

// maxRead bounds what is read of a body, in bytes: one more than MaxBody, so that the
// reader can tell that a body is too long.
const maxRead = MaxBody + 1

// timeoutError says that a request took longer than it may.
type timeoutError time.Duration

// Error gives the time.
func (e timeoutError) Error() string {
	return "no complete response within " + time.Duration(e).String()
}

// limited sends requests to one host, once each, at most len(slots) at a time, and
// only while the circuit breaker lets it. The timeout starts when a request is sent.
type limited struct {
	next      http.RoundTripper
	breaker   *circuitBreaker
	slots     chan struct{}
	timeout   time.Duration
	userAgent string
	proxy     func(*http.Request) (*url.URL, error) // of next; nil if it has none
	trace     func(Exchange)                        // nil is told nothing
}

// RoundTrip waits for a slot, sends the request, and reads the whole response, so that
// a truncated one is an error here and not for the caller.
func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	batch, err := l.acquire(r.Context())
	if err != nil {
		closeBody(r)
		return nil, err
	}
	defer func() { <-l.slots }()
	ctx, cancel := context.WithTimeoutCause(r.Context(), l.timeout, timeoutError(l.timeout))
	defer cancel()
	caller := r.Context()
	r, proxy := throughProxy(r.Clone(ctx), l.proxy)
	r.Header.Set("User-Agent", l.userAgent)
	start := time.Now()
	resp, n, err := l.send(r)
	if ctx.Err() != nil {
		// Also where there is a response: a server that sees the connection
		// being closed may end half of one properly.
		err = context.Cause(ctx)
	}
	if err != nil && caller.Err() == nil {
		err = proxy.blame(err)
	}
	l.traceSent(r, resp, n, err, time.Since(start))
	if err == nil {
		l.breaker.recordResponse(resp)
		return resp, nil
	}
	if isTimeout(err) {
		l.breaker.recordTimeout(batch, err)
	}
	return nil, err
}

// acquire takes a slot when one is free and the circuit breaker is closed. It holds no
// slot while it waits for the breaker.
func (l *limited) acquire(ctx context.Context) (batch int, err error) {
	for {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
		batch, wait, err := l.breaker.allow()
		if err == nil && wait <= 0 {
			return batch, nil
		}
		<-l.slots
		if err == nil {
			err = l.breaker.sleep(ctx, wait)
		}
		if err != nil {
			return 0, err
		}
	}
}

// traceSent tells of a request that was sent. n is the length of its response.
func (l *limited) traceSent(
	r *http.Request, resp *http.Response, n int, err error, took time.Duration,
) {
	if l.trace == nil {
		return
	}
	e := Exchange{Method: r.Method, URL: sanitize.URL(r.URL.String()), Bytes: n, Duration: took}
	if err != nil {
		e.Err = describe(err)
	} else {
		e.Status = resp.StatusCode
	}
	l.trace(e)
}

// send returns a response whose body, of n bytes, is in memory.
func (l *limited) send(r *http.Request) (resp *http.Response, n int, err error) {
	resp, err = l.next.RoundTrip(r)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := readBody(r.Method, resp)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("the response ends after %d bytes: %w", len(body), err)
		return nil, len(body), err
	case err != nil:
		return nil, len(body), err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, len(body), nil
}

func readBody(method string, resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxRead && method != http.MethodHead {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxRead))
	return b.Bytes(), err
}

func isTimeout(err error) bool {
	var timeout timeoutError
	return errors.As(err, &timeout)
}

// closeBody closes the body of a request that is not sent, as a RoundTripper must.
func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
