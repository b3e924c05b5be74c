package transport_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestProxyDoesNotConnect has proxies, with TLS and without, that do not respond to CONNECT:
// they are named, once. Where they connect, what fails then is not theirs.
func TestProxyDoesNotConnect(t *testing.T) {
	target := listen(t, func(c net.Conn) { _ = c.Close() })
	connect := func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		far, err := net.Dial("tcp", target)
		if err != nil {
			t.Error(err)
			return
		}
		defer far.Close()
		go func() { _, _ = io.Copy(far, c) }()
		_, _ = io.Copy(c, far)
	}
	read := func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) }
	for name, test := range map[string]struct {
		do   func(net.Conn)
		want string // "" for an error that does not name the proxy
	}{
		"closes the connection": {read, "the connection was closed before a response to CONNECT"},
		"closes it at once":     {func(net.Conn) {}, ""},
		"breaks off": {func(c net.Conn) { read(c); _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n") },
			"the connection was closed before a response to CONNECT"},
		"is no proxy": {func(c net.Conn) { read(c); _, _ = io.WriteString(c, "SSH-2.0-x\r\n\r\n") },
			"malformed HTTP response"},
		"hangs":    {func(c net.Conn) { read(c); _, _ = io.Copy(io.Discard, c) }, "no complete response within 200ms"},
		"connects": {connect, "-"},
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+"/"+scheme, func(t *testing.T) {
				t.Setenv("https_proxy", "")
				t.Setenv("HTTPS_PROXY", "")
				base := &http.Transport{}
				at := listen(t, test.do)
				if scheme == "https" {
					at, base.TLSClientConfig = listenTLS(t, test.do)
				}
				base.Proxy = through(scheme + "://user:secret@" + at)
				hosts := map[string]transport.HostOptions{"one.test": {Timeout: 200 * time.Millisecond}}
				c := newTransport(t, transport.Options{Base: base, Hosts: hosts})
				err := get(t.Context(), c, oci.Name{Host: "one.test", Repository: "a", Tag: "v1"})
				var e *transport.Error
				if !errors.As(err, &e) || strings.Contains(err.Error(), "secret") {
					t.Fatalf("%v", err)
				}
				proxy := "proxy " + scheme + "://" + at
				switch named := strings.HasPrefix(e.Cause(), proxy+": "); {
				case test.want == "-":
					if strings.Contains(err.Error(), "proxy") {
						t.Errorf("%v: the proxy is named", err)
					}
				case !named || !strings.Contains(e.Cause(), test.want) || strings.Count(err.Error(), proxy) != 1:
					t.Errorf("%v\ncause %q, want %s: %s", err, e.Cause(), proxy, test.want)
				case !strings.HasPrefix(e.Hint(), "correct HTTPS_PROXY; if one.test "):
					t.Errorf("hint %q", e.Hint())
				}
			})
		}
	}
}

// listen serves each connection by do, and then closes it.
func listen(t *testing.T, do func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveEach(t, l, do)
	return l.Addr().String()
}

// listenTLS is listen with TLS, and the settings of a client that trusts it.
func listenTLS(t *testing.T, do func(net.Conn)) (address string, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: s.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	serveEach(t, l, do)
	return l.Addr().String(), s.Client().Transport.(*http.Transport).TLSClientConfig
}

func serveEach(t *testing.T, l net.Listener, do func(net.Conn)) {
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				do(c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); open.Wait() })
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
