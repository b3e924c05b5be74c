package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
)

// Hint returns how to fix the error, in one line: a command, a setting of plumb.yaml,
// or who can help. It is "" where the registry says that there is no such content, as
// the fix then depends on the caller.
func (e *Error) Hint() string {
	var unknown x509.UnknownAuthorityError
	var proxy *proxyError
	switch {
	case errors.As(e.Err, &proxy):
		return proxy.hint(e.Host)
	case e.NotFound():
		return ""
	case e.Unauthorized():
		return e.logIn()
	case e.RateLimit != nil && !e.authenticated:
		return e.logIn() + "; " + e.useMirror()
	case e.RateLimit != nil:
		return e.useMirror()
	case errors.Is(e.Err, http.ErrSchemeMismatch):
		return "to allow it, in " + e.setting("plainHTTP: true")
	case errors.As(e.Err, &unknown):
		return "to trust its CA, in " + e.setting("caFile: FILE")
	case isTimeout(e.Err):
		return "to give it more time, in " + e.setting("timeout: 60s")
	}
	return e.otherHint()
}

// otherHint is for errors that no single setting fixes.
func (e *Error) otherHint() string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case e.Tries > 1, e.NotSent(), e.Err == nil && isTransient(e.Status):
		return "it may be transient: run the command again later; " + e.useMirror()
	case errors.As(e.Err, &dns):
		return "correct the host's name; behind a proxy, set HTTPS_PROXY"
	case errors.As(e.Err, &certificate):
		return "ask the operators of " + e.Host + " for a valid certificate; " + e.useMirror()
	}
	return "report it to the operators of " + e.Host +
		"; to go on without it, add it to exceptions in plumb.yaml"
}

func (e *Error) logIn() string {
	in := "to log in: docker login " + e.Host
	if strings.HasPrefix(e.URL, "http://") && !isLoopback(e.Host) {
		return "no credentials are sent over plain HTTP: take plainHTTP out of plumb.yaml; " + in
	}
	return in
}

func (e *Error) useMirror() string {
	return "to try a mirror first, in " + e.setting("mirrors: [MIRROR]")
}

// setting returns a field of the host in plumb.yaml.
func (e *Error) setting(field string) string {
	host := e.Host
	if strings.Contains(host, ":") {
		host = `"` + host + `"` // a key of a flow mapping
	}
	return "plumb.yaml: registries: {" + host + ": {" + field + "}}"
}
