package transport_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// deadAddress returns an address at which connections are refused.
func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return listener.Addr().String()
}

// failVia returns the error of two hosts, which must have one cause, through a proxy.
func failVia(t *testing.T, proxy func(*http.Request) (*url.URL, error)) *transport.Error {
	t.Helper()
	c := newTransport(t, transport.Options{Base: &http.Transport{Proxy: proxy}})
	var errs [2]*transport.Error
	for i, host := range []string{"one.test", "two.test"} {
		err := get(t.Context(), c, oci.Name{Host: host, Repository: "a", Tag: "v1"})
		if !errors.As(err, &errs[i]) {
			t.Fatalf("error %v", err)
		}
	}
	if errs[0].Cause() != errs[1].Cause() || errs[0].Error() == errs[1].Error() {
		t.Errorf("%v: cause %q\n%v: cause %q", errs[0], errs[0].Cause(), errs[1], errs[1].Cause())
	}
	return errs[0]
}

func TestProxyError(t *testing.T) {
	at := deadAddress(t)
	for name, test := range map[string]struct{ proxy, env, want string }{
		"refuses connections": {
			"http://" + at, "", "proxy http://" + at + ": connection refused by " + at},
		"is in the environment": {
			"http://user:secret@" + at + "/?secret", "http://" + at,
			"proxy http://" + at + " (HTTPS_PROXY): connection refused by " + at},
		"does not resolve": {
			"http://proxy.invalid:3128", "",
			"proxy http://proxy.invalid:3128: name proxy.invalid does not resolve: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("https_proxy", "")
			t.Setenv("HTTPS_PROXY", test.env)
			e := failVia(t, through(test.proxy))
			if !strings.HasPrefix(e.Cause(), test.want) || strings.Contains(e.Error(), "secret") {
				t.Errorf("cause %q, want %q; error %v", e.Cause(), test.want, e)
			}
			if !strings.HasPrefix(e.Hint(), "correct HTTPS_PROXY; if one.test ") {
				t.Errorf("hint %q", e.Hint())
			}
		})
	}
}

// TestProxyRefuses has a proxy that responds to CONNECT with a refusal. net/http reads the environment
// only once, so the transport is told of the proxy as well.
func TestProxyRefuses(t *testing.T) {
	status := http.StatusForbidden
	proxy := serveHost(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	t.Setenv("HTTPS_PROXY", "http://user:secret@"+proxy)
	shared := http.DefaultTransport.(*http.Transport)
	before := shared.Proxy
	shared.Proxy = through("http://user:secret@" + proxy)
	t.Cleanup(func() { shared.Proxy = before })
	for want, code := range map[string]int{
		"correct HTTPS_PROXY; if one.test needs ": http.StatusForbidden,
		"to log in to the proxy, set HTTPS_PROXY": http.StatusProxyAuthRequired,
	} {
		status = code
		c := newTransport(t, transport.Options{})
		err := get(t.Context(), c, oci.Name{Host: "one.test", Repository: "a", Tag: "v1"})
		var e *transport.Error
		cause := fmt.Sprintf("proxy http://%s (HTTPS_PROXY): %d %s", proxy, code, http.StatusText(code))
		if !errors.As(err, &e) || e.Cause() != cause || e.Tries > 1 {
			t.Errorf("%v\nwant %s", err, cause)
		} else if !strings.HasPrefix(e.Hint(), want) {
			t.Errorf("hint %q, want %q", e.Hint(), want)
		}
	}
}

// TestCause has errors of which all requests to a host have the same, and others.
func TestCause(t *testing.T) {
	for how, want := range map[string]string{
		"401": "HOST: 401 Unauthorized", "403": "HOST: 403 Forbidden", "404": "", "451": "",
		"500": "HOST: 500 Internal Server Error", "cut": "HOST: the response ends after 19 bytes",
		"drop": "HOST: the connection was closed before a response", "501": "HOST: 501 Not Implemented",
	} {
		t.Run(how, func(t *testing.T) {
			name := serve(t, func(w http.ResponseWriter, r *http.Request) { fault(t, how)(w, r) })
			err := get(t.Context(), newTransport(t, transport.Options{}), name)
			var e *transport.Error
			want := strings.Replace(want, "HOST", name.Host, 1)
			if !errors.As(err, &e) || !strings.HasPrefix(e.Cause(), want) ||
				(e.Cause() == "") != (want == "") {
				t.Errorf("%v: cause %q, want %q", err, e.Cause(), want)
			}
		})
	}
}
