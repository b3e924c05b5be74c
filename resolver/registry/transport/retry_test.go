package transport

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

	"github.com/google/go-containerregistry/pkg/authn"
)

// TestWaitingHoldsNoSlot has a host with one slot, and a request with a transient
// failure before one that succeeds.
func TestWaitingHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/a": {"500", "200"}}}
		errs, took := sendAll(t.Context(), hostFor(t, s, 1), []string{"/a", "/b"})
		if errs[0] != nil || errs[1] != nil || took[1] != 40*time.Millisecond || took[0] < 20*time.Millisecond+firstPause/2 {
			t.Errorf("%v after %v", errs, took)
		}
	})
}

// TestSlowHostDoesNotExceedItsLimit has a host that allows one request a second.
func TestSlowHostDoesNotExceedItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var last time.Time
		slow := roundTripper(func(r *http.Request) (*http.Response, error) {
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
		errs, took := sendAll(t.Context(), hostFor(t, slow, 8), make([]string, 40))
		for i, err := range errs {
			if err != nil || took[i] > 50*time.Second {
				t.Errorf("%v after %v", err, took[i])
			}
		}
	})
}

// TestCancelWhileWaiting ends the context of requests that wait for their next try or
// for the circuit breaker.
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

// TestPostIsRetried sends a body twice; one that cannot be read again is not.
func TestPostIsRetried(t *testing.T) {
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

// TestTokenExpiresWhileWaiting has a request that waits until its token has expired,
// and a registry that accepts no token.
func TestTokenExpiresWhileWaiting(t *testing.T) {
	for _, accepts := range []string{"2", "none"} {
		synctest.Test(t, func(t *testing.T) {
			tokens, requests := 0, 0
			h := hostFor(t, roundTripper(func(r *http.Request) (*http.Response, error) {
				resp := &http.Response{StatusCode: 401, Header: http.Header{}, Body: http.NoBody, Request: r}
				switch {
				case r.URL.Path == "/v2/":
					resp.Header.Set("WWW-Authenticate", `Bearer realm="https://example.com/token"`)
				case r.URL.Path == "/token":
					tokens++
					resp.StatusCode = 200
					resp.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"token":"%d","expires_in":50}`, tokens)))
				default:
					if requests++; requests == 1 {
						resp.StatusCode = 429
						resp.Header.Set("Retry-After", "55")
					} else if r.Header.Get("Authorization") == "Bearer "+accepts {
						resp.StatusCode = 200
					}
				}
				return resp, nil
			}), 1)
			h.keychain = authn.NewMultiKeychain()
			resp, err := h.Send(t.Context(), http.MethodGet, "acme/api", "/manifests/v1", "")
			if want := map[string]int{"2": 200, "none": 401}[accepts]; err != nil || resp.StatusCode != want || tokens != 2 {
				t.Errorf("%v, %v after %d tokens, want %d", resp, err, tokens, want)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	var least, most time.Duration
	for try := 1; try < maxTries; try++ {
		ceiling := min(firstPause<<(try-1), lastPause)
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
