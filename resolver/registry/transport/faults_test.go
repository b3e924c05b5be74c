package transport_test

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// fault returns the fault that a text describes.
func fault(t *testing.T, how string) registrytest.Fault {
	t.Helper()
	f, ok := registrytest.Named(how)
	if !ok {
		t.Fatalf("no fault is called %q", how)
	}
	return f
}

// TestTransientFaults has faults that happen once. Each request, to the registry and to
// its token server, fails so, and succeeds the second time.
func TestTransientFaults(t *testing.T) {
	tests := []struct {
		how  string
		wait time.Duration // that some request waits at least
	}{
		{"408", 0}, {"429", 0}, {"500", 0}, {"502", 0}, {"503", 0}, {"504", 0},
		{"429-after-2s", 2 * time.Second}, {"429-date-30s", 29 * time.Second},
		{"503-after-59s", 59 * time.Second}, {"503-date-2s", time.Second},
		{"drop", 0}, {"reset", 0}, {"cut", 0},
	}
	for _, encrypted := range []bool{false, true} {
		for _, test := range tests {
			t.Run(fmt.Sprintf("TLS=%v/%s", encrypted, test.how), func(t *testing.T) {
				s := registrytest.New(t, registrytest.Options{TLS: encrypted, Token: true})
				s.PushIndex("acme/api", "v1", 1)
				s.Fail(fault(t, test.how+"-once"))
				options := transport.Options{}
				if encrypted {
					options.Hosts = map[string]transport.HostOptions{s.Host(): {CAFile: caFile(t, s)}}
				}
				c := newTransport(t, options)
				clock := doNotWait(c)
				if err := get(t.Context(), c, named(s, "acme/api", "v1")); err != nil {
					t.Error(err)
				}
				if got, want := s.Count(""), 2*3; got < want {
					t.Errorf("%d requests, want %d: %q", got, want, s.Requests())
				}
				var longest time.Duration
				for _, d := range clock.Slept() {
					longest = max(longest, d)
				}
				if longest == 0 || longest < test.wait-time.Second/10 {
					t.Errorf("waited for %v, want %v", clock.Slept(), test.wait)
				}
			})
		}
	}
}

// resets matches when a rate limit resets.
var resets = regexp.MustCompile(` \(resets at [0-9TZ:-]+\)`)

// TestPermanentFaults has faults that do not end: each ends within the documented time in
// an error that says what happened.
func TestPermanentFaults(t *testing.T) {
	tests := []struct {
		how      string
		want     string
		requests int    // for the first name, at least: net/http may retry itself
		limited  bool   // RateLimit is known
		unsent   string // why the next request is not sent; "" if it is
	}{
		{"429", "429 Too Many Requests (tried 6 times)", 6, true, "rate limit of HOST exceeded: 429 Too Many Requests"},
		{"429-after-1s", "429 Too Many Requests (tried 6 times)", 6, true, "rate limit of HOST exceeded (resets at "},
		{"429-after-50s", "429 Too Many Requests (tried 2 times)", 2, true, "rate limit of HOST exceeded (resets at "},
		{"429-after-3600s", "429 Too Many Requests", 1, true, "rate limit of HOST exceeded (resets at "},
		{"429-date-3600s", "429 Too Many Requests", 1, true, "rate limit of HOST exceeded (resets at "},
		{"408", "408 Request Timeout (tried 6 times)", 6, false, ""},
		{"500", "500 Internal Server Error (tried 6 times)", 6, false, ""},
		{"503", "503 Service Unavailable (tried 6 times)", 6, false, ""},
		{"503-after-50s", "503 Service Unavailable (tried 2 times)", 2, false, ""},
		{"503-after-3600s", "503 Service Unavailable", 1, false, "HOST is down: it responded 503, retry after "},
		{"501", "501 Not Implemented", 1, false, ""},
		{"drop", "the connection was closed before a response (tried 6 times)", 6, false, ""},
		{"reset", "connection reset (tried 6 times)", 6, false, ""},
		{"cut", "the response ends after 19 bytes: unexpected EOF (tried 6 times)", 6, false, ""},
		{"redirect-loop", "too many redirects", 6, false, ""},
	}
	for _, test := range tests {
		t.Run(test.how, func(t *testing.T) {
			s := registrytest.New(t, registrytest.Options{})
			s.Fail(registrytest.At("/manifests/", fault(t, test.how)))
			c := newTransport(t, transport.Options{})
			clock := doNotWait(c)
			begin := clock.Now()
			err := get(t.Context(), c, named(s, "acme/api", "v1"))
			if took := clock.Now().Sub(begin); took > time.Minute || took > 10*time.Second && !strings.HasSuffix(test.how, "50s") {
				t.Errorf("it took %v", took)
			}
			at := "GET http://" + s.Host() + "/v2/acme/api/manifests/v1: "
			var e *transport.Error
			if text := resets.ReplaceAllString(fmt.Sprint(err), ""); !errors.As(err, &e) || text != at+test.want || e.NotSent() || (e.RateLimit != nil) != test.limited {
				t.Errorf("got  %v\nwant %s", err, at+test.want)
			}
			if n := s.Count("/manifests/"); n < test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}

			s.Reset()
			err = get(t.Context(), c, named(s, "acme/web", "v1"))
			if !errors.As(err, &e) || e.NotSent() != (test.unsent != "") || (e.RateLimit != nil) != test.limited || e.NotSent() == (s.Count("") > 0) {
				t.Errorf("the next request, after %d: %v", s.Count(""), err)
			}
			want := strings.Replace("GET http://"+s.Host()+"/v2/acme/web/manifests/v1: not sent: "+test.unsent, "HOST", s.Host(), 1)
			if test.unsent != "" && !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			login, mirror := "to log in: docker login "+s.Host(), "to try a mirror first, in "+setting(s, "mirrors: [MIRROR]")
			if hint := e.Hint(); hint == "" || test.limited != (hint == login+"; "+mirror) {
				t.Errorf("hint %q", hint)
			}
		})
	}
}

// TestNoGoroutineIsLeft counts goroutines after faults.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, how := range []string{"429", "429-after-2s-once", "500", "drop", "cut", "hang", "drip", "redirect-loop"} {
		s, err := registrytest.Start(registrytest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s.Fail(registrytest.At("/acme/", fault(t, how)))
		var names []oci.Name
		for i := range 30 {
			names = append(names, named(s, fmt.Sprintf("acme/app%d", i), "v1"))
		}
		c := newTransport(t, transport.Options{Hosts: map[string]transport.HostOptions{s.Host(): {Timeout: 50 * time.Millisecond}}})
		for i, err := range getAll(t, c, names) {
			if err == nil {
				t.Errorf("%s: %s succeeds", how, names[i])
			}
		}
		c.Close()
		s.Close()
	}
	noLeak(t, before)
}
