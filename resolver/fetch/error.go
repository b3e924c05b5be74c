package fetch

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Ways to fix errors.
const (
	vendorIt = "copy the file into the repository, and name the copy"
	useRaw   = "use the URL of the raw file"
)

// addLogin says how to give plumb a login for a host.
func addLogin(host string) string {
	return "to log in, add to ~/.netrc: machine " + host + " login USER password TOKEN"
}

// InvalidURLError says that a URL is not one that plumb fetches from. No request was sent.
type InvalidURLError struct {
	URL    string // without user, query and fragment
	Reason string

	fix string
}

// Error gives the URL and the reason.
func (e *InvalidURLError) Error() string { return fmt.Sprintf("URL %q: %s", e.URL, e.Reason) }

// Hint returns how to fix the error, in one line.
func (e *InvalidURLError) Hint() string {
	if e.fix == "" {
		return "correct the URL in the manifest"
	}
	return e.fix
}

// NotFoundError says that a server has no file at a URL, or none that may be read without
// other credentials: many servers do not tell these apart.
type NotFoundError struct {
	URL    string // without query
	Status int    // 404 or 410

	host string
	sent bool // credentials were sent
}

// Error gives the request and its outcome.
func (e *NotFoundError) Error() string {
	return fmt.Sprintf("GET %s: %d %s", e.URL, e.Status, http.StatusText(e.Status))
}

// Hint returns how to fix the error, in one line.
func (e *NotFoundError) Hint() string {
	const check = "check the URL"
	if e.sent || e.Status == http.StatusGone {
		return check
	}
	return check + "; if the file is private: " + addLogin(e.host)
}

// ContentError says that what a server answered with is not a file, too long a file, or not
// the redirect to a release.
type ContentError struct {
	URL    string // without query
	Reason string

	host, fix string
}

// Error gives the request and what is wrong with the response.
func (e *ContentError) Error() string { return "GET " + e.URL + ": " + e.Reason }

// Hint returns how to fix the error, in one line.
func (e *ContentError) Hint() string {
	if e.fix == useRaw {
		return useRaw + "; if the page asks for a login: " + addLogin(e.host)
	}
	return e.fix
}

// RequestError says that a request failed.
type RequestError struct {
	Err *transport.Error // which request failed, and how

	netrc string // the file that has the credentials that were sent, "" if none were
}

// Error gives the request and its outcome.
func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// Cause is the same text for all requests that fail since a host does not answer; "" where
// only the one file is at fault.
func (e *RequestError) Cause() string { return httpget.Cause(e.Err) }

// Hint returns how to fix the error, in one line.
func (e *RequestError) Hint() string {
	var refused *httpget.RefusedError
	var timeout httpget.TimeoutError
	var authority x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	host, err := e.Err.Host, e.Err.Err
	switch {
	case errors.As(err, &refused):
		return "if that server is to be trusted, name its URL in the manifest; else " + vendorIt
	case e.Err.Unauthorized():
		return e.logIn()
	case e.Err.RateLimit != nil && e.netrc == "":
		return "run the command again later; " + e.logIn()
	case errors.As(err, &timeout):
		return "to give it more time, in " + setting(host, "timeout: 60s")
	case errors.As(err, &authority):
		return "to trust its CA, in " + setting(host, "caFile: FILE")
	case errors.As(err, &certificate):
		return "ask the operators of " + host + " for a valid certificate; or " + vendorIt
	case errors.Is(err, httpget.ErrProxy):
		return "correct HTTPS_PROXY and HTTP_PROXY"
	case errors.As(err, &dns):
		return "correct the host's name; behind a proxy, set HTTPS_PROXY"
	case e.Err.RateLimit != nil, e.Err.Tries > 1:
		return "it may be transient: run the command again later"
	}
	return "report it to the operators of " + host + "; or " + vendorIt
}

// logIn says how to log in.
func (e *RequestError) logIn() string {
	name, _, err := net.SplitHostPort(e.Err.Host)
	if err != nil {
		name = e.Err.Host
	}
	switch {
	case e.netrc != "":
		return "correct the login and password for " + name + " in " + e.netrc
	case strings.HasPrefix(e.Err.URL, "http://") && name != "localhost" &&
		!net.ParseIP(name).IsLoopback():
		return "credentials are not sent over plain HTTP: use https"
	}
	return addLogin(name)
}

// setting returns a field of a host in plumb.yaml.
func setting(host, field string) string {
	if strings.Contains(host, ":") {
		host = `"` + host + `"` // a key of a flow mapping
	}
	return "plumb.yaml: registries: {" + host + ": {" + field + "}}"
}
