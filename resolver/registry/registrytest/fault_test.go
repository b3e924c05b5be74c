package registrytest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// get sends GET to s, follows no redirect, and reads the whole response.
func get(ctx context.Context, t *testing.T, s *Server, path string) (*http.Response, []byte, error) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	scheme := "http"
	if s.CA() != nil {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+s.Host()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

// TestNamedFaults checks what a client sees of each fault.
func TestNamedFaults(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		s := New(t, Options{TLS: encrypted})
		tests := map[string]func(*http.Response, error) bool{
			"503": func(r *http.Response, _ error) bool { return r.StatusCode == 503 && r.Header.Get("Retry-After") == "" },
			"429-after-2s": func(r *http.Response, _ error) bool {
				return r.StatusCode == 429 && r.Header.Get("Retry-After") == "2"
			},
			"429-date-90s": func(r *http.Response, _ error) bool {
				at, err := http.ParseTime(r.Header.Get("Retry-After"))
				return r.StatusCode == 429 && err == nil && time.Until(at) > time.Minute
			},
			"drop": func(_ *http.Response, err error) bool { return err != nil },
			"reset": func(_ *http.Response, err error) bool {
				return err != nil && (encrypted || errors.Is(err, syscall.ECONNRESET))
			},
			"cut": func(_ *http.Response, err error) bool { return err != nil },
			"redirect-private": func(r *http.Response, _ error) bool {
				return r.Header.Get("Location") == "http://169.254.169.254/"
			},
			"redirect-loop": func(r *http.Response, _ error) bool { return r.Header.Get("Location") == "/v2/?a=b" },
		}
		for how, seen := range tests {
			fault, ok := Named(how)
			if !ok {
				t.Fatalf("unknown fault %s", how)
			}
			s.Fail(fault)
			resp, _, err := get(t.Context(), t, s, "/v2/?a=b")
			if resp == nil {
				resp = &http.Response{}
			}
			if !seen(resp, err) {
				t.Errorf("TLS %v, %s: %d %v, %v", encrypted, how, resp.StatusCode, resp.Header, err)
			}
		}
	}
	for _, how := range []string{"", "once", "-once", "slow", "429-after", "429-after-x", "429-soon-2s", "42", "1000"} {
		if _, ok := Named(how); ok {
			t.Errorf("%q is a fault", how)
		}
	}
}

// TestFaultsWithoutEnd has the faults that last until the client cancels.
func TestFaultsWithoutEnd(t *testing.T) {
	s := New(t, Options{})
	for how, bytes := range map[string]int{"hang": 0, "drip": 3} {
		fault, _ := Named(how)
		arrived := make(chan struct{})
		s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
			close(arrived)
			return fault(w, r)
		})
		ctx, cancel := context.WithCancel(t.Context())
		if bytes == 0 {
			go func() {
				<-arrived
				cancel()
			}()
		}
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Host()+"/v2/", nil)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			_, err = io.ReadFull(resp.Body, make([]byte, bytes))
			if err != nil {
				t.Errorf("%s: %v before %d bytes", how, err, bytes)
			}
			cancel()
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", how, err)
		}
		cancel()
	}
}

// TestLimitedFaults counts how often a fault happens.
func TestLimitedFaults(t *testing.T) {
	s := New(t, Options{})
	hits := func(fault Fault, paths ...string) (n int) {
		s.Fail(fault)
		for _, path := range paths {
			if resp, _, err := get(t.Context(), t, s, path); err != nil {
				t.Error(err)
			} else if resp.StatusCode == http.StatusTeapot {
				n++
			}
		}
		return n
	}
	once, _ := Named("418-once")
	if n := hits(once, "/v2/", "/v2/", "/v2/?a", "/v2/?a", "/v2/"); n != 2 {
		t.Errorf("once: %d, want 2", n)
	}
	if n := hits(At("/a/", Refuse(http.StatusTeapot, "")), "/v2/a/b", "/v2/b/a", "/v2/"); n != 1 {
		t.Errorf("at: %d, want 1", n)
	}
	many := make([]string, 100)
	for i := range many {
		many[i] = "/v2/"
	}
	half := Sometimes(0.5, 1, Refuse(http.StatusTeapot, ""))
	again := Sometimes(0.5, 1, Refuse(http.StatusTeapot, ""))
	if n, m := hits(half, many...), hits(again, many...); n < 25 || n > 75 || n != m {
		t.Errorf("sometimes: %d and %d of 100", n, m)
	}
}
