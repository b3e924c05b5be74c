package transport

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// Exchange is a request that was sent, once, and its outcome; or one that was not needed
// because its content is cached. It holds no credential.
type Exchange struct {
	Method   string
	URL      string        // without user and query
	Cached   bool          // nothing was sent
	Status   int           // of the response, 0 if there was none
	Err      error         // why there is no response
	Bytes    int           // of the response's body
	Duration time.Duration // from sending to the last byte
}

// String returns the exchange as one line: "GET https://ghcr.io/v2/ 401 73 B 31ms".
func (e Exchange) String() string {
	s := e.Method + " " + e.URL
	if e.Cached {
		return s + " cached " + size(e.Bytes)
	}
	took := e.Duration.Round(time.Millisecond)
	if e.Err != nil {
		return fmt.Sprintf("%s %v %v", s, e.Err, took)
	}
	return fmt.Sprintf("%s %d %s %v", s, e.Status, size(e.Bytes), took)
}

// Tracing returns a RoundTripper that sends requests by next and tells trace of each when
// its response has been read, perhaps from many goroutines at once.
func Tracing(next http.RoundTripper, trace func(Exchange)) http.RoundTripper {
	return &tracing{next, trace}
}

type tracing struct {
	next  http.RoundTripper
	trace func(Exchange)
}

// RoundTrip sends a request.
func (t *tracing) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	e := Exchange{Method: r.Method, URL: sanitize.URL(r.URL.String())}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		e.Err, e.Duration = describe(err), time.Since(start)
		t.trace(e)
		return nil, err
	}
	e.Status = resp.StatusCode
	resp.Body = &tracedBody{resp.Body, e, start, t.trace}
	return resp, nil
}

// tracedBody tells of its exchange when it is closed.
type tracedBody struct {
	io.ReadCloser
	exchange Exchange
	start    time.Time
	trace    func(Exchange) // nil when it has been told
}

// Read counts what is read.
func (b *tracedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.exchange.Bytes += n
	return n, err
}

// Close ends the exchange.
func (b *tracedBody) Close() error {
	if b.trace != nil {
		b.exchange.Duration = time.Since(b.start)
		b.trace(b.exchange)
		b.trace = nil
	}
	return b.ReadCloser.Close()
}

// size gives a number of bytes as people read it.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}
