package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
)

// proxyError says that a proxy cannot be reached, or rejects a request.
type proxyError struct {
	url      string // of the proxy, without credentials
	variable string // of the environment that configures it, "" if none does
	status   int    // of its response to CONNECT, 0 if there was none
	err      error  // why there is no response, nil if there is one
}

// newProxyError returns the error of a proxy for requests with a scheme.
func newProxyError(proxy *url.URL, scheme string, status int, err error) *proxyError {
	return &proxyError{
		url:      (&url.URL{Scheme: proxy.Scheme, Host: proxy.Host}).String(),
		variable: proxyVariable(scheme),
		status:   status,
		err:      err,
	}
}

// Error names the proxy and the cause.
func (e *proxyError) Error() string {
	name := "proxy " + e.url
	if e.variable != "" {
		name += " (" + e.variable + ")"
	}
	if e.err == nil {
		return fmt.Sprintf("%s: %d %s", name, e.status, http.StatusText(e.status))
	}
	return name + ": " + describe(e.err).Error()
}

// Unwrap returns why there is no response.
func (e *proxyError) Unwrap() error { return e.err }

// hint returns how to fix the error of a request to a host.
func (e *proxyError) hint(host string) string {
	variable := cmp.Or(e.variable, "HTTPS_PROXY")
	if e.status == http.StatusProxyAuthRequired {
		return "to log in to the proxy, set " + variable + "=http://USER:PASSWORD@HOST:PORT"
	}
	return "correct " + variable + "; if " + host + " needs no proxy, add it to NO_PROXY"
}

// permanent reports whether another try would fail as well.
func (e *proxyError) permanent() bool {
	return e.status != 0 && !isTransient(e.status)
}

// checkConnect is an http.Transport's OnProxyConnectResponse: it has a proxy that refuses
// to connect named in the error.
func checkConnect(
	_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response,
) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return newProxyError(proxy, "https", resp.StatusCode, nil)
}

// proxied is a request that goes through a proxy, and how far it has come.
type proxied struct {
	proxy      *url.URL // nil: it goes through none
	scheme     string
	connected  atomic.Bool  // a connection to the registry was used
	handshakes atomic.Int32 // TLS handshakes that began, with the proxy or the registry
}

// throughProxy returns the request to send in place of r, watched if it goes through a
// proxy. choose is an http.Transport's Proxy, nil if it has none.
func throughProxy(
	r *http.Request, choose func(*http.Request) (*url.URL, error),
) (*http.Request, *proxied) {
	p := &proxied{scheme: r.URL.Scheme}
	if choose == nil {
		return r, p
	}
	if p.proxy, _ = choose(r); p.proxy == nil {
		return r, p
	}
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn:           func(httptrace.GotConnInfo) { p.connected.Store(true) },
		TLSHandshakeStart: func() { p.handshakes.Add(1) },
	})), p
}

// blame returns err, with which the request failed, as a *proxyError if its proxy is at
// fault: it cannot be reached or, in place of a connection to the registry, there is no
// response to CONNECT. What fails after that, TLS to begin with, is the registry's.
func (p *proxied) blame(err error) error {
	var op *net.OpError
	var known *proxyError
	switch {
	case p.proxy == nil, errors.As(err, &known):
		return err
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return newProxyError(p.proxy, p.scheme, 0, op.Err)
	case p.scheme != "https" || p.connected.Load() || p.handshakes.Load() > p.own():
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = &describedError{"the connection was closed before a response to CONNECT", err}
	}
	return newProxyError(p.proxy, p.scheme, 0, err)
}

// own is how many TLS handshakes there are with the proxy itself.
func (p *proxied) own() int32 {
	if p.proxy.Scheme == "https" {
		return 1
	}
	return 0
}

// proxyVariable returns the environment variable that configures the proxy for requests
// with a scheme, as net/http chooses it; "" if none does.
func proxyVariable(scheme string) string {
	for _, name := range []string{strings.ToUpper(scheme) + "_PROXY", scheme + "_proxy"} {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return ""
}
