package httpget

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Options configures a Sender. The zero value is right for public servers.
type Options struct {
	// Transport sends the requests. nil is a transport that honours HTTPS_PROXY, NO_PROXY,
	// SSL_CERT_FILE and SSL_CERT_DIR.
	Transport http.RoundTripper
	// Hosts are settings of single hosts by name with its port, as plumb.yaml has them. Of
	// these, a Sender honours all but mirrors.
	Hosts map[string]registry.Host
	// Concurrency is how many requests one host gets at once; 0 is 8.
	Concurrency int
	// UserAgent is the User-Agent field of requests; "" is "plumb".
	UserAgent string
	// Trace is told of each request that was sent, from many goroutines at once. nil is told
	// nothing.
	Trace func(transport.Exchange)
}

// Sender sends requests. Its methods may be called from many goroutines at once.
type Sender struct {
	hosts       map[string]registry.Host
	given       http.RoundTripper // Options.Transport
	trace       func(transport.Exchange)
	userAgent   string
	concurrency int

	// Tests replace these.
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	sleep  func(ctx context.Context, d time.Duration) error

	mu    sync.Mutex
	bases map[TLSFiles]*http.Transport
	slots map[string]chan struct{} // by host
}

// New returns a Sender. It sends no request yet.
func New(o Options) *Sender {
	s := &Sender{
		hosts: o.Hosts, given: o.Transport, trace: o.Trace, concurrency: o.Concurrency,
		userAgent: cmp.Or(o.UserAgent, "plumb"),
		lookup:    net.DefaultResolver.LookupNetIP, sleep: sleep,
		bases: make(map[TLSFiles]*http.Transport), slots: make(map[string]chan struct{}),
	}
	if s.concurrency <= 0 {
		s.concurrency = 8
	}
	return s
}

// Get sends a request until there is a response of status 200, and has read take its body.
// Transient failures, read's among them, are retried: read then begins anew. The error is a
// *transport.Error unless ctx ended or the settings are at fault.
func (s *Sender) Get(
	ctx context.Context, r Request, read func(h http.Header, body io.Reader) error,
) error {
	c, err := s.client(r)
	if err != nil {
		return err
	}
	return s.retry(ctx, c, read)
}

// Location sends a request as Get does, and returns the first URL to which it is redirected
// that stop reports true for. To that one no request is sent. The URL is nil if the last
// response, which is not read, is no redirect.
func (s *Sender) Location(
	ctx context.Context, r Request, stop func(*url.URL) bool,
) (*url.URL, error) {
	c, err := s.client(r)
	if err != nil {
		return nil, err
	}
	c.stop = stop
	err = s.retry(ctx, c, func(http.Header, io.Reader) error { return nil })
	return c.stopped, err
}

// retry sends a request until it succeeds or is not worth another try.
func (s *Sender) retry(
	ctx context.Context, c *client, read func(http.Header, io.Reader) error,
) error {
	var waited time.Duration
	for tries := 1; ; tries++ {
		header, err := s.try(ctx, c, read)
		var e *transport.Error
		if ctx.Err() != nil && err != nil {
			return context.Cause(ctx)
		}
		if err == nil || !errors.As(err, &e) {
			return err
		}
		pause := max(backoff(tries), retryAfter(header, time.Now()))
		if waited += pause; tries >= triesFor(e.Err, e.Status) || waited > maxPause {
			return give(e, tries, header)
		}
		if err := s.sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// give completes the error of a request that is not tried again.
func give(e *transport.Error, tries int, header http.Header) error {
	if tries > 1 {
		e.Tries = tries
	}
	if e.Err == nil && e.Status == http.StatusTooManyRequests {
		e.RateLimit = &transport.RateLimit{}
		if wait := retryAfter(header, time.Now()); wait > 0 {
			e.RateLimit.Reset = time.Now().Add(wait)
		}
	}
	return e
}

// try sends a request once.
func (s *Sender) try(
	ctx context.Context, c *client, read func(http.Header, io.Reader) error,
) (http.Header, error) {
	r := c.request
	free, err := s.slot(ctx, r.URL.Host)
	if err != nil {
		return nil, err
	}
	defer free()
	limited, stop, alive := s.watch(ctx, r.URL.Host)
	defer stop()
	h, err := http.NewRequestWithContext(limited, http.MethodGet, r.URL.String(), nil)
	if err != nil {
		return nil, r.failed(0, errors.New("malformed URL"))
	}
	h.Header.Set("User-Agent", s.userAgent)
	if r.Accept != "" {
		h.Header.Set("Accept", r.Accept)
	}
	if r.AsIs {
		h.Header.Set("Accept-Encoding", "identity")
	}
	if r.Authorized() {
		h.SetBasicAuth(r.Login.Username, r.Login.Password)
	}
	resp, err := c.http.Do(h)
	if err != nil {
		return nil, r.failed(0, cause(limited, err))
	}
	defer resp.Body.Close()
	alive()
	if c.stopped != nil {
		return resp.Header, nil
	}
	if resp.StatusCode != http.StatusOK {
		return resp.Header, r.failed(resp.StatusCode, nil)
	}
	if c.stop == nil && resp.ContentLength > r.Max {
		return nil, r.failed(resp.StatusCode, &TooLongError{r.What, r.Max})
	}
	body := &body{from: resp.Body, left: r.Max, request: r, alive: alive}
	if err := read(resp.Header, body); err != nil {
		if body.err != nil {
			return nil, r.failed(0, cause(limited, body.err))
		}
		return nil, r.failed(resp.StatusCode, err)
	}
	return resp.Header, nil
}

// slot waits until the host may get one more request.
func (s *Sender) slot(ctx context.Context, host string) (free func(), err error) {
	s.mu.Lock()
	slots := s.slots[host]
	if slots == nil {
		n := s.concurrency
		if own := s.hosts[host].Concurrency; own > 0 {
			n = own
		}
		slots = make(chan struct{}, n)
		s.slots[host] = slots
	}
	s.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
