package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
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

// TestWaitingHoldsNoSlot has a host with one slot, and a request that fails in
// passing before one that is good.
func TestWaitingHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/a": {"500", "200"}}}
		errs, took := sendAll(t.Context(), hostFor(t, s, 1), []string{"/a", "/b"})
		if errs[0] != nil || errs[1] != nil || took[1] != 40*time.Millisecond || took[0] < 20*time.Millisecond+firstWait/2 {
			t.Errorf("%v after %v", errs, took)
		}
	})
}

// TestPauseIsForAll has a host that asks one of many to wait: none is sent before
// it is time, and then all are.
func TestPauseIsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/0": {"429 30", "200"}}}
		var paths []string
		for i := range 20 {
			paths = append(paths, fmt.Sprintf("/%d", i))
		}
		errs, took := sendAll(t.Context(), hostFor(t, s, 2), paths)
		early := 0
		for i := range paths {
			if errs[i] != nil {
				t.Error(errs[i])
			}
			if took[i] < 30*time.Second {
				early++
			}
			if took[i] > 31*time.Second {
				t.Errorf("%s took %v", paths[i], took[i])
			}
		}
		if early > 2 { // the one under way, and one that took its turn at that moment
			t.Errorf("%d were answered before it was time: %v", early, took)
		}
		if s.busiest != 2 {
			t.Errorf("%d requests at once, want 2", s.busiest)
		}
	})
}

// TestSlowHostIsNotUsedUp has a host that grants one request a second.
func TestSlowHostIsNotUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var last time.Time
		sparing := roundTripper(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}
			if time.Since(last) < time.Second {
				resp.StatusCode = 429
				resp.Header.Set("Retry-After", "1")
			} else {
				last = time.Now()
			}
			return resp, nil
		})
		errs, took := sendAll(t.Context(), hostFor(t, sparing, 8), make([]string, 40))
		for i, err := range errs {
			if err != nil || took[i] > 50*time.Second {
				t.Errorf("%v after %v", err, took[i])
			}
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestNothingRemains has an answer that is good and says that the next will not
// be, until it is time.
func TestNothingRemains(t *testing.T) {
	for reset, want := range map[string]time.Duration{"40": 40 * time.Second, "61": 0, "": 0} {
		synctest.Test(t, func(t *testing.T) {
			h := hostFor(t, roundTripper(func(r *http.Request) (*http.Response, error) {
				header := http.Header{"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {reset}}
				return &http.Response{StatusCode: 200, Header: header, Body: http.NoBody, Request: r}, nil
			}), 1)
			errs, took := sendAll(t.Context(), h, []string{"/a", "/b"})
			if errs[0] != nil || errs[1] != nil || took[0] != 0 || took[1] != want {
				t.Errorf("reset %q: %v, %v", reset, errs, took)
			}
		})
	}
}

// TestHungHost has 500 requests to a host that greets and then says no more.
func TestHungHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/hung": {"hang"}}}
		h := hostFor(t, s, 8)
		paths := []string{"/good"}
		for range 500 {
			paths = append(paths, "/hung")
		}
		errs, took := sendAll(t.Context(), h, paths)
		if errs[0] != nil {
			t.Error(errs[0])
		}
		slow := 0
		for i, err := range errs[1:] {
			var e *Error
			switch {
			case errors.Is(err, tooSlow(requestTime)):
				slow++
			case !errors.As(err, &e) || !e.NotAsked() || !strings.Contains(err.Error(), "/hung: not asked: example.com is down: 3 requests in a row had no answer, the last one: no complete answer within 20s"):
				t.Errorf("got %v", err)
			}
			if took[i+1] > 3*requestTime+time.Second {
				t.Errorf("it took %v", took[i+1])
			}
		}
		if n := len(s.asked); slow == 0 || n > 1+3*8 {
			t.Errorf("%d errors for %d requests", slow, n)
		}
	})
}

// TestHangsThatPass has a host that loses all that is under way, twice.
func TestHangsThatPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{}}
		var paths []string
		for i := range 40 {
			path := fmt.Sprintf("/%d", i)
			if i < 16 {
				s.lines[path] = []string{"hang", "200"}
			}
			paths = append(paths, path)
		}
		errs, _ := sendAll(t.Context(), hostFor(t, s, 8), paths)
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// TestDeadHost has a host whose connections all break.
func TestDeadHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/": {"drop"}}}
		h := hostFor(t, s, 8)
		slash := make([]string, 100)
		for i := range slash {
			slash[i] = "/"
		}
		start := time.Now()
		sendAll(t.Context(), h, slash)
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		before := len(s.asked)
		errs, _ := sendAll(t.Context(), h, []string{"/late"})
		var e *Error
		if !errors.As(errs[0], &e) || !e.NotAsked() || len(s.asked) != before {
			t.Errorf("%v, %d requests", errs[0], len(s.asked)-before)
		}
	})
}

// TestUsedUpEndsTheWaiting has a host that asks to wait, and meanwhile tells
// another that nothing is left.
func TestUsedUpEndsTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/a": {"429 50"}, "/b": {"429 7200"}}}
		h := hostFor(t, s, 2)
		errs, took := sendAll(t.Context(), h, []string{"/a", "/b"})
		late, tookLate := sendAll(t.Context(), h, []string{"/c"})
		errs, took = append(errs, late...), append(took, tookLate...)
		for i, err := range errs {
			var e *Error
			if !errors.As(err, &e) || e.Allowance == nil || e.Status != 429 || e.NotAsked() != (i == 2) || took[i] > time.Second {
				t.Errorf("%v after %v", err, took[i])
			}
		}
	})
}

// TestCancelWhileWaiting ends the context of those that wait for their next try or
// for the gate.
func TestCancelWhileWaiting(t *testing.T) {
	for _, how := range []string{"500", "429 50", "503 50", "drop"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			s := &script{lines: map[string][]string{"/a": {how}}}
			errs, took := sendAll(ctx, hostFor(t, s, 1), []string{"/a", "/a"})
			for i, err := range errs {
				if !errors.Is(err, context.DeadlineExceeded) || took[i] != 30*time.Millisecond {
					t.Errorf("%s: %v after %v", how, err, took[i])
				}
			}
		})
	}
}

// TestPostIsSentAgain sends a body twice; one that cannot be read again is not.
func TestPostIsSentAgain(t *testing.T) {
	for _, rewindable := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var bodies []string
			h := hostFor(t, roundTripper(func(r *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(r.Body)
				bodies = append(bodies, string(body))
				return &http.Response{StatusCode: 503 - 303*(len(bodies)/2), Body: http.NoBody, Request: r}, nil
			}), 1)
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com/token", strings.NewReader("x=y"))
			if !rewindable {
				r.GetBody = nil
			}
			resp, err := h.client.Transport.RoundTrip(r)
			var e *Error
			switch {
			case rewindable && (err != nil || resp.StatusCode != 200 || fmt.Sprint(bodies) != "[x=y x=y]"):
				t.Errorf("%v, %q", err, bodies)
			case !rewindable && (!errors.As(err, &e) || e.Status != 503 || e.Op != "POST" || len(bodies) != 1):
				t.Errorf("%v, %q", err, bodies)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	var least, most time.Duration
	for try := 1; try < maxTries; try++ {
		ceiling := min(firstWait<<(try-1), lastWait)
		for range 100 {
			if d := backoff(try); d < ceiling/2 || d > ceiling {
				t.Fatalf("%v after %d tries, want %v to %v", d, try, ceiling/2, ceiling)
			}
		}
		least, most = least+ceiling/2, most+ceiling
	}
	if least < 2*time.Second || most > 8*time.Second {
		t.Errorf("all in all %v to %v", least, most)
	}
}
