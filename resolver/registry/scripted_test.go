package registry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script is a transport that answers each URL with what it says next, and the
// last for ever: a status, "hang", or a Retry-After field, "429 30".
type script struct {
	mu      sync.Mutex
	lines   map[string][]string // by path
	asked   []string
	busy    int // requests under way
	busiest int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.Path)
	if s.busy++; s.busy > s.busiest {
		s.busiest = s.busy
	}
	say := "200"
	if lines := s.lines[r.URL.Path]; len(lines) > 0 {
		say = lines[0]
		if len(lines) > 1 {
			s.lines[r.URL.Path] = lines[1:]
		}
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.busy--
		s.mu.Unlock()
	}()
	answered := time.After(20 * time.Millisecond)
	if say == "hang" {
		answered = nil
	}
	select {
	case <-answered:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if say == "drop" {
		return nil, io.EOF
	}
	resp := &http.Response{Header: http.Header{}, Body: http.NoBody, Request: r}
	var after string
	fmt.Sscan(say, &resp.StatusCode, &after)
	if after != "" {
		resp.Header.Set("Retry-After", after)
	}
	return resp, nil
}

// hostFor returns a host that sends its requests by way of a transport.
func hostFor(t *testing.T, next http.RoundTripper, slots int) *host {
	t.Helper()
	c, err := New(Options{Transport: next, Concurrency: slots})
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.host("example.com")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// sendAll sends requests for paths at once, and returns how each ended and when.
func sendAll(ctx context.Context, h *host, paths []string) (errs []error, took []time.Duration) {
	errs, took = make([]error, len(paths)), make([]time.Duration, len(paths))
	var wg sync.WaitGroup
	start := time.Now()
	for i, path := range paths {
		wg.Go(func() {
			resp, err := h.do(ctx, http.MethodGet, "https://example.com"+path, "", "")
			if err == nil {
				drain(resp)
			}
			errs[i], took[i] = err, time.Since(start)
		})
		synctest.Wait() // they come in this order
	}
	wg.Wait()
	return errs, took
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
