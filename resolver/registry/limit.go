package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// requestTime is how long one request may take from the moment it is sent to the
// last byte of its answer, unless Host.Timeout says otherwise.
const requestTime = 20 * time.Second

// maxAnswer bounds what is read of any answer, in bytes: one more than the
// longest may have, so that who reads it can tell that it is too long.
const maxAnswer = max(maxManifest, maxConfig) + 1

// tooSlow is the outcome of a request that took longer than it.
type tooSlow time.Duration

func (s tooSlow) Error() string {
	return "no complete answer within " + time.Duration(s).String()
}

// limited sends requests to one host, once each, so many at a time and when the
// host's gate is open. Each has its share of time once its turn has come.
type limited struct {
	next      http.RoundTripper
	gate      *gate
	slots     chan struct{}
	timeout   time.Duration
	userAgent string
}

// RoundTrip waits for its turn, sends the request, and reads the whole answer, so
// that one that is cut off is an error here and not to whoever uses it.
func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	round, err := l.turn(r.Context())
	if err != nil {
		closeBody(r)
		return nil, err
	}
	defer func() { <-l.slots }()
	ctx, cancel := context.WithTimeoutCause(r.Context(), l.timeout, tooSlow(l.timeout))
	defer cancel()
	r = r.Clone(ctx)
	r.Header.Set("User-Agent", l.userAgent)
	resp, err := l.send(r)
	switch {
	case ctx.Err() != nil:
		// Also where there is an answer: a server that sees the connection
		// being closed may end half of one properly.
		err = context.Cause(ctx)
	case err == nil:
		l.gate.heard(resp)
		return resp, nil
	}
	if isSlow(err) {
		l.gate.silent(round, err)
	}
	return nil, err
}

// turn takes a slot when one is free and the gate is open. It holds none while
// it waits for the gate.
func (l *limited) turn(ctx context.Context) (round int, err error) {
	for {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
		round, wait, err := l.gate.admit()
		if err == nil && wait <= 0 {
			return round, nil
		}
		<-l.slots
		if err == nil {
			err = l.gate.sleep(ctx, wait)
		}
		if err != nil {
			return 0, err
		}
	}
}

// send returns an answer whose body is in memory.
func (l *limited) send(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := readBody(r.Method, resp)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the answer ends after %d bytes: %w", len(body), err)
	case err != nil:
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func readBody(method string, resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxAnswer && method != http.MethodHead {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxAnswer))
	return b.Bytes(), err
}

func isSlow(err error) bool {
	var slow tooSlow
	return errors.As(err, &slow)
}

// closeBody closes the body of a request that is not sent, as a RoundTripper must.
func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
