package transport

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

// script is a RoundTripper with a list of responses per path, of which the last
// repeats: a status, perhaps with a Retry-After field ("429 30"), "hang" or "drop".
type script struct {
	mu      sync.Mutex
	lines   map[string][]string // by path
	paths   []string            // that were requested
	busy    int                 // requests under way
	busiest int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.paths = append(s.paths, r.URL.Path)
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
	responds := time.After(20 * time.Millisecond)
	if say == "hang" {
		responds = nil
	}
	select {
	case <-responds:
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

// hostFor returns a host that sends its requests by a RoundTripper.
func hostFor(t *testing.T, base http.RoundTripper, slots int) *Host {
	t.Helper()
	tr, err := New(Options{Base: base, Concurrency: slots})
	if err != nil {
		t.Fatal(err)
	}
	h, err := tr.Host("example.com")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// sendAll sends requests for paths at once, and returns how and when each ended.
func sendAll(ctx context.Context, h *Host, paths []string) (errs []error, took []time.Duration) {
	errs, took = make([]error, len(paths)), make([]time.Duration, len(paths))
	var wg sync.WaitGroup
	start := time.Now()
	for i, path := range paths {
		wg.Go(func() {
			_, errs[i] = h.do(ctx, h.client, http.MethodGet, "https://example.com"+path, "", "")
			took[i] = time.Since(start)
		})
		synctest.Wait() // they start in this order
	}
	wg.Wait()
	return errs, took
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
