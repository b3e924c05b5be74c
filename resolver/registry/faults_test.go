package registry_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
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

// TestPassing has the ways to fail once. Each request there is, to the registry
// and to its token server, fails so, and is good the second time.
func TestPassing(t *testing.T) {
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
				digest := s.PushIndex("acme/api", "v1", 1)
				s.Fail(fault(t, test.how+"-once"))
				options := registry.Options{}
				if encrypted {
					options.Hosts = map[string]registry.Host{s.Host(): {CAFile: caFile(t, s)}}
				}
				c := newClient(t, options)
				clock := c.DoNotWait()
				got, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, bothPlatforms)
				if err != nil || got.Digest != digest {
					t.Errorf("%s, %v, want %s", got.Digest, err, digest)
				}
				if got, want := s.Count(""), 2*5; got < want {
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

// TestStaying has the ways to fail for ever: each ends, within the time that is
// told to users, in an error that says what happened.
func TestStaying(t *testing.T) {
	tests := []struct {
		how      string
		want     string
		requests int // for the one name; at least, where the transport tries again by itself
		allowed  bool
		unasked  string // why the next name is not asked for; "" if it is
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
			c := newClient(t, registry.Options{})
			clock := c.DoNotWait()
			begin := clock.Now()
			_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
			if took := clock.Now().Sub(begin); took > time.Minute || took > 10*time.Second && !strings.HasSuffix(test.how, "50s") {
				t.Errorf("it took %v", took)
			}
			at := "GET http://" + s.Host() + "/v2/acme/api/manifests/v1: "
			var e *registry.Error
			if text := resets.ReplaceAllString(fmt.Sprint(err), ""); !errors.As(err, &e) || text != at+test.want || e.NotSent() || (e.RateLimit != nil) != test.allowed {
				t.Errorf("got  %v\nwant %s", err, at+test.want)
			}
			if n := s.Count("/manifests/"); n < test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}

			s.Reset()
			_, err = c.Resolve(t.Context(), named(s, "acme/web", "v1"), lockfile.Image, nil)
			if !errors.As(err, &e) || e.NotSent() != (test.unasked != "") || (e.RateLimit != nil) != test.allowed || e.NotSent() == (s.Count("") > 0) {
				t.Errorf("the next name, after %d requests: %v", s.Count(""), err)
			}
			want := strings.Replace("GET http://"+s.Host()+"/v2/acme/web/manifests/v1: not sent: "+test.unasked, "HOST", s.Host(), 1)
			if test.unasked != "" && !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			login, mirror := "to log in: docker login "+s.Host(), "to try a mirror first, in "+setting(s, "mirrors: [MIRROR]")
			if hint := e.Hint(); hint == "" || test.allowed != (hint == login+"; "+mirror) {
				t.Errorf("hint %q", hint)
			}
		})
	}
}

// TestAFiftiethIsRefused resolves 500 names while one of fifty answers of all
// kinds is a refusal.
func TestAFiftiethIsRefused(t *testing.T) {
	var names []oci.Name
	want := make(map[string]string)
	asked := 0
	var servers []*registrytest.Server
	for i := range 5 {
		s := registrytest.New(t, registrytest.Options{Token: true})
		for j := range 100 {
			name := named(s, fmt.Sprintf("acme/app%d", j%64), fmt.Sprintf("v%d", j))
			want[name.String()] = s.PushIndex(name.Repository, name.Tag, i*100+j)
			names = append(names, name)
		}
		s.Fail(registrytest.Sometimes(0.02, i, registrytest.Refuse(http.StatusTooManyRequests, "")))
		servers = append(servers, s)
	}
	c := newClient(t, registry.Options{})
	for i, err := range resolveAll(t, c, names) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	for _, s := range servers {
		asked += s.Count("")
	}
	if least := 5 + 5*64 + 500 + 1000; asked <= least {
		t.Errorf("%d requests, want more than %d", asked, least)
	}
	for _, s := range servers {
		s.Fail(nil)
	}
	for _, name := range names {
		if got, err := c.Head(t.Context(), name); err != nil || got != want[name.String()] {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want[name.String()])
		}
	}
}

// TestSlow has answers that do not come, or do not end.
func TestSlow(t *testing.T) {
	for _, how := range []string{"hang", "drip"} {
		s := registrytest.New(t, registrytest.Options{})
		s.Fail(fault(t, how))
		c := newClient(t, registry.Options{Hosts: map[string]registry.Host{s.Host(): {Timeout: 30 * time.Millisecond}}})
		_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
		want := "GET http://" + s.Host() + "/v2/: no complete response within 30ms (tried 2 times)"
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", how, err, want)
		}
	}
}

// TestTokenServerStaysAway has token servers that fail for ever.
func TestTokenServerStaysAway(t *testing.T) {
	for how, want := range map[string]string{
		"503":           "/token: 503 Service Unavailable (tried 6 times)",
		"429":           "/token: 429 Too Many Requests (tried 6 times)",
		"drop":          "/token: the connection was closed before a response (tried 6 times)",
		"redirect-loop": "/token: fetching a token: stopped after 10 redirects",
	} {
		s := registrytest.New(t, registrytest.Options{Token: true, Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		s.Fail(registrytest.At("/token", fault(t, how)))
		c := newClient(t, registry.Options{Keychain: keys{s.Host(), "ann", "secret"}})
		_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
		var e *registry.Error
		if !errors.As(err, &e) || err.Error() != "GET http://"+s.Host()+want {
			t.Errorf("%s: got %v, want %s", how, err, want)
		}
		if hint := "to try a mirror first, in " + setting(s, "mirrors: [MIRROR]"); how == "429" && e.Hint() != hint {
			t.Errorf("%s: hint %q, want %q", how, e.Hint(), hint)
		}
	}
}

// TestRefusedForEver has a registry that likes none of its own tokens.
func TestRefusedForEver(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true})
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Authorization")
		return false
	})
	_, err := newClient(t, registry.Options{}).Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
	var e *registry.Error
	if !errors.As(err, &e) || !e.Unauthorized() || s.Count("") > 5 {
		t.Errorf("%v after %q", err, s.Requests())
	}
}

// TestNothingIsLeft looks for goroutines after all that can happen.
func TestNothingIsLeft(t *testing.T) {
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
		c := newClient(t, registry.Options{Hosts: map[string]registry.Host{s.Host(): {Timeout: 50 * time.Millisecond}}})
		for i, err := range resolveAll(t, c, names) {
			if err == nil {
				t.Errorf("%s: %s is resolved", how, names[i])
			}
		}
		c.Close()
		s.Close()
	}
	noLeak(t, before)
}
