package chart

import (
	"context"
	"errors"
	"fmt"
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

// sender sends requests to HTTP repositories.
type sender struct {
	hosts       map[string]registry.Host
	accounts    accounts
	given       http.RoundTripper // Options.Transport
	trace       func(transport.Exchange)
	userAgent   string
	concurrency int

	// Tests replace these.
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	sleep  func(ctx context.Context, d time.Duration) error

	mu    sync.Mutex
	bases map[tlsFiles]*http.Transport
	slots map[string]chan struct{} // by host
}

func newSender(o Options) *sender {
	return &sender{
		hosts: o.Hosts, accounts: accounts{getenv: o.Getenv}, given: o.Transport, trace: o.Trace,
		userAgent: o.UserAgent, concurrency: o.Concurrency,
		lookup: net.DefaultResolver.LookupNetIP, sleep: sleep,
		bases: make(map[tlsFiles]*http.Transport), slots: make(map[string]chan struct{}),
	}
}

// request is a GET at a repository, or at where its index says that an archive is.
type request struct {
	repo   *repository
	url    *url.URL
	accept string
	what   string // that is fetched, for errors: "index", "archive"
	most   int64  // bytes of the response's body
}

// get sends a request until there is a response, and has read take its body. Transient
// failures, read's among them, are retried: read then begins anew. The error is a
// *RequestError unless ctx ended or the settings are at fault.
func (s *sender) get(ctx context.Context, r request, read func(io.Reader) error) error {
	client, err := s.client(r)
	if err != nil {
		return err
	}
	var waited time.Duration
	for tries := 1; ; tries++ {
		header, err := s.try(ctx, client, r, read)
		var e *RequestError
		if ctx.Err() != nil && err != nil {
			return context.Cause(ctx)
		}
		if err == nil || !errors.As(err, &e) {
			return err
		}
		most := triesFor(e.Err.Err, e.Err.Status)
		pause := max(backoff(tries), retryAfter(header, time.Now()))
		if waited += pause; tries >= most || waited > maxPause {
			return s.give(e, tries, header)
		}
		if err := s.sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// give completes the error of a request that is not tried again.
func (s *sender) give(e *RequestError, tries int, header http.Header) error {
	if tries > 1 {
		e.Err.Tries = tries
	}
	if e.Err.Err == nil && e.Err.Status == http.StatusTooManyRequests {
		e.Err.RateLimit = &transport.RateLimit{}
		if wait := retryAfter(header, time.Now()); wait > 0 {
			e.Err.RateLimit.Reset = time.Now().Add(wait)
		}
	}
	return e
}

// try sends a request once.
func (s *sender) try(
	ctx context.Context, client *http.Client, r request, read func(io.Reader) error,
) (http.Header, error) {
	free, err := s.slot(ctx, r.url.Host)
	if err != nil {
		return nil, err
	}
	defer free()
	limited, stop, alive := s.watch(ctx, r.url.Host)
	defer stop()
	h, err := http.NewRequestWithContext(limited, http.MethodGet, r.url.String(), nil)
	if err != nil {
		return nil, s.failed(r, 0, errors.New("malformed URL"))
	}
	h.Header.Set("User-Agent", s.userAgent)
	if r.accept != "" {
		h.Header.Set("Accept", r.accept)
	}
	if r.authorized() {
		h.SetBasicAuth(r.repo.account.username, r.repo.account.password)
	}
	resp, err := client.Do(h)
	if err != nil {
		return nil, s.failed(r, 0, cause(limited, err))
	}
	defer resp.Body.Close()
	alive()
	if resp.StatusCode != http.StatusOK {
		return resp.Header, s.failed(r, resp.StatusCode, nil)
	}
	if resp.ContentLength > r.most {
		return nil, s.failed(r, resp.StatusCode, tooLong(r))
	}
	body := &body{from: resp.Body, left: r.most, request: r, alive: alive, size: resp.ContentLength}
	if err := read(body); err != nil {
		if body.err != nil {
			return nil, s.failed(r, 0, cause(limited, body.err))
		}
		return nil, s.failed(r, resp.StatusCode, err)
	}
	return resp.Header, nil
}

// authorized reports whether credentials are sent with a request: to the repository's own
// host, to others only where helm was told so, and not for all to read.
func (r request) authorized() bool {
	a, home := r.repo.account, r.repo.url
	return a.username != "" && (r.url.Scheme == "https" || isLoopback(r.url.Hostname())) &&
		(a.everywhere || r.url.Scheme == home.Scheme && r.url.Host == home.Host)
}

// failed makes the error of a request.
func (s *sender) failed(r request, status int, err error) error {
	e := &RequestError{repo: r.repo.url.String(), Err: &transport.Error{
		Op: http.MethodGet, URL: cleanURL(r.url.String()), Host: r.url.Host, Status: status,
		Err: err,
	}}
	if r.authorized() {
		e.account = r.repo.account.from
	}
	return e
}

// cause returns why a request failed, without its URL, which can hold a secret.
func cause(ctx context.Context, err error) error {
	var nested *url.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &nested):
		return nested.Err
	}
	return err
}

func tooLong(r request) error {
	return fmt.Errorf("the %s is longer than %d MiB, plumb's limit", r.what, r.most>>20)
}

// body is a response's body, read within bounds.
type body struct {
	from    io.Reader
	left    int64
	read    int64
	size    int64 // as announced, -1 if it is not
	request request
	alive   func()
	err     error // why it could not be read to its end
}

// Read reads what is left.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.alive()
	b.read += int64(n)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLong(b.request)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.err = fmt.Errorf("the response ends after %d bytes: %w", b.read, err)
		return n, b.err
	case err != nil && err != io.EOF:
		b.err = err
	}
	return n, err
}

// slot waits until the host may get one more request.
func (s *sender) slot(ctx context.Context, host string) (free func(), err error) {
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
