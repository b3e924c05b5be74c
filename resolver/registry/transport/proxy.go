package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
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

// proxied returns err, with which a request failed, as a *proxyError if its proxy is at
// fault. choose is an http.Transport's Proxy, nil if it has none.
func proxied(r *http.Request, choose func(*http.Request) (*url.URL, error), err error) error {
	if choose == nil {
		return err
	}
	proxy, _ := choose(r)
	var op *net.OpError
	if proxy == nil || !errors.As(err, &op) || op.Op != "proxyconnect" {
		return err
	}
	return newProxyError(proxy, r.URL.Scheme, 0, op.Err)
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
