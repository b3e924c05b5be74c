package httpget_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// anywhere returns a transport that reaches a server under every name and address.
func anywhere(s *httptest.Server) *http.Transport {
	t := s.Client().Transport.(*http.Transport).Clone()
	t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	return t
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// hosts are all names and addresses of tests: they need no TLS, so that one server has them.
type hosts map[string]registry.Host

func plain(names ...string) hosts {
	h := hosts{}
	for _, name := range names {
		h[name] = registry.Host{PlainHTTP: true}
	}
	return h
}

// TestGuard has servers that redirect to other addresses: only those that are private
// themselves may name private ones, and none names link-local ones.
func TestGuard(t *testing.T) {
	names := map[string]string{
		"public.example": "203.0.113.7", "other.example": "203.0.113.8", "ten.example": "10.1.2.3",
		"six.example": "fd00::1", "meta.example": "169.254.169.254", "carrier.example": "100.64.0.1",
		"loop.example": "127.0.0.1", "mapped.example": "::ffff:10.0.0.1",
	}
	const public, private = "public.example", "ten.example"
	for _, tt := range []struct {
		home, to string
		refused  bool
	}{
		{public, public, false},
		{public, "other.example", false},
		{public, "203.0.113.9", false},
		{public, "100.63.0.1", false},
		{public, "unknown.example", false}, // which then cannot be reached
		{public, private, true},
		{public, "six.example", true},
		{public, "meta.example", true},
		{public, "carrier.example", true},
		{public, "loop.example", true},
		{public, "mapped.example", true},
		{public, "10.0.0.1", true},
		{public, "192.168.0.1", true},
		{public, "127.0.0.1", true},
		{public, "[::1]", true},
		{public, "[fe80::1]", true},
		{public, "[::ffff:10.0.0.1]", true},
		{public, "[64:ff9b::a00:1]", true},
		{public, "0.1.2.3", true},
		{"unknown.example", "10.0.0.1", true},
		{private, private, false},
		{private, "10.0.0.1", false},
		{private, "six.example", false},
		{private, public, false},
		{private, "meta.example", true},
		{private, "169.254.0.1", true},
		{private, "0.0.0.0", true},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a" {
				http.Redirect(w, r, "http://"+tt.to+"/b", http.StatusFound)
				return
			}
			_, _ = w.Write([]byte(r.Host))
		}))
		defer s.Close()
		sender := httpget.New(httpget.Options{
			Transport: anywhere(s), Hosts: plain(tt.home, tt.to),
		})
		sender.Resolve(names)
		var got []byte
		u := parse(t, "http://"+tt.home+"/a")
		err := sender.Get(t.Context(), httpget.Request{URL: u, Max: 100},
			func(_ http.Header, body io.Reader) (err error) {
				got, err = io.ReadAll(body)
				return err
			})
		var refused *httpget.RefusedError
		switch {
		case errors.As(err, &refused) != tt.refused, err != nil && !tt.refused:
			t.Errorf("from %s to %s: %v, want refused %v", tt.home, tt.to, err, tt.refused)
		case err == nil && string(got) != tt.to:
			t.Errorf("from %s to %s: read %q", tt.home, tt.to, got)
		}
		direct := sender.CheckDirect(t.Context(), "index", u, parse(t, "http://"+tt.to))
		if tt.home != tt.to && (direct != nil) != tt.refused {
			t.Errorf("from %s to %s: %v, want refused %v", tt.home, tt.to, direct, tt.refused)
		}
	}
}

// TestGuardProxy leaves it to a proxy what names mean, for it may resolve them otherwise; an
// address is the same for all.
func TestGuardProxy(t *testing.T) {
	for to, refused := range map[string]bool{"ten.example": false, "10.1.2.3": true} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a" {
				http.Redirect(w, r, "http://"+to+"/b", http.StatusFound)
			}
		}))
		defer proxy.Close()
		sender := httpget.New(httpget.Options{
			Transport: &http.Transport{Proxy: http.ProxyURL(parse(t, proxy.URL))},
			Hosts:     plain("public.example", to),
		})
		sender.Resolve(map[string]string{
			"public.example": "203.0.113.7", "ten.example": "10.1.2.3",
		})
		err := sender.Get(t.Context(), httpget.Request{URL: parse(t, "http://public.example/a")},
			func(http.Header, io.Reader) error { return nil })
		var e *httpget.RefusedError
		if errors.As(err, &e) != refused || err != nil && !refused {
			t.Errorf("to %s: %v, want refused %v", to, err, refused)
		}
	}
}

// TestLogin sends credentials to the host that named the URL, and to others where they are
// for those as well.
func TestLogin(t *testing.T) {
	login := httpget.Login{Username: "ann", Password: "hush"}
	everywhere := login
	everywhere.Everywhere = true
	for _, tt := range []struct {
		home, url string
		login     httpget.Login
		want      bool
	}{
		{"https://a.example/", "https://a.example/x", login, true},
		{"https://a.example/", "https://b.example/x", login, false},
		{"https://a.example/", "https://x.a.example/x", login, false},
		{"https://a.example/", "https://a.example:444/x", login, false},
		{"https://a.example/", "http://a.example/x", login, false},
		{"http://a.example/", "http://a.example/x", login, false},
		{"http://127.0.0.1/", "http://127.0.0.1/x", login, true},
		{"http://localhost:1/", "http://localhost:1/x", login, true},
		{"https://a.example/", "https://b.example/x", everywhere, true},
		{"https://a.example/", "http://b.example/x", everywhere, false},
		{"https://a.example/", "https://a.example/x", httpget.Login{}, false},
	} {
		r := httpget.Request{URL: parse(t, tt.url), Home: parse(t, tt.home), Login: tt.login}
		if got := r.Authorized(); got != tt.want {
			t.Errorf("%s at %s: %v, want %v", tt.url, tt.home, got, tt.want)
		}
	}
}

// TestCause groups failures of hosts, and not those of single files.
func TestCause(t *testing.T) {
	failure := func(status int, err error) *transport.Error {
		return &transport.Error{Op: "GET", URL: "https://a.example/x", Host: "a.example",
			Status: status, Err: err}
	}
	limited := failure(429, nil)
	limited.RateLimit = &transport.RateLimit{}
	for want, e := range map[string]*transport.Error{
		"a.example: no such host":            failure(0, errors.New("no such host")),
		"a.example: 503 Service Unavailable": failure(503, nil),
		"rate limit of a.example exceeded":   limited,
		"":                                   failure(404, nil),
	} {
		if got := httpget.Cause(e); got != want {
			t.Errorf("%v: %q, want %q", e, got, want)
		}
	}
	for _, e := range []*transport.Error{failure(401, nil), failure(200, errors.New("too long")),
		failure(0, &httpget.RefusedError{})} {
		if got := httpget.Cause(e); got != "" {
			t.Errorf("%v: %q, want none", e, got)
		}
	}
}

// TestText makes what servers say fit for messages.
func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\nb\x1b[31m": "a  b [31m", "a\u202eb": "a b", strings.Repeat("é", 201): strings.Repeat(
			"é", 200) + "…", " ": "",
	} {
		if got := httpget.Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"https://ann:hush@a.example:1/b?token=hush#hush": "https://a.example:1/b",
		"hush%zz:": "(malformed URL)",
	} {
		if got := httpget.CleanURL(text); got != want {
			t.Errorf("CleanURL(%q) = %q, want %q", text, got, want)
		}
	}
}
