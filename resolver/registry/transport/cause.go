package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// triesFor returns how often a request that fails with err is sent in all. What is not
// known to be permanent counts as transient: broken connections have many names, more
// so in HTTP/2.
func triesFor(err error) int {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case isPermanent(err):
		return 1
	case errors.As(err, &dns):
		switch {
		case dns.IsNotFound, !dns.IsTemporary && !dns.IsTimeout:
			return 1
		case dns.IsTimeout:
			return 2
		}
	case isTimeout(err), errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH),
		errors.Is(err, syscall.ENETUNREACH):
		return 2 // each try can take long, and few of these pass
	}
	return maxTries
}

// isPermanent reports whether another try would fail as well: something is wrong with a
// certificate, with TLS itself, with the proxy's settings, or with the request.
func isPermanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
		invalid     x509.CertificateInvalidError
		roots       x509.SystemRootsError
		alert       tls.AlertError
		header      tls.RecordHeaderError
		proxy       *proxyError
	)
	if errors.As(err, &proxy) && proxy.permanent() {
		return true
	}
	return errors.As(err, &certificate) || errors.As(err, &authority) ||
		errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &roots) ||
		errors.As(err, &alert) || errors.As(err, &header) || errors.Is(err, http.ErrSchemeMismatch)
}

// describe returns err with a text that is fit for people, if its own is not.
func describe(err error) error {
	var dns *net.DNSError
	var header tls.RecordHeaderError
	var proxy *proxyError
	var described *describedError
	say := func(text string) error { return &describedError{text, err} }
	switch {
	case errors.As(err, &proxy):
		return proxy
	case errors.As(err, &described):
		return described
	case errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/":
		return http.ErrSchemeMismatch // as net/http says it of a request that nothing wraps
	case errors.As(err, &dns) && dns.IsNotFound:
		return say("name " + sanitize.Line(dns.Name) + " does not resolve: " + dns.Err)
	case errors.As(err, &dns):
		return say("looking up " + sanitize.Line(dns.Name) + ": " + dns.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say("connection refused" + dialed(err))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return err // it says how much was read
	case errors.Is(err, io.EOF):
		return say("the connection was closed before a response")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return say("connection reset")
	}
	return err
}

// dialed returns " by 192.0.2.1:443" if err tells what was dialed.
func dialed(err error) string {
	for {
		var op *net.OpError
		switch {
		case !errors.As(err, &op):
			return ""
		case op.Op == "dial" && op.Addr != nil:
			return " by " + op.Addr.String()
		}
		err = op.Err
	}
}

// describedError is an error with a text that is fit for people.
type describedError struct {
	text  string
	cause error
}

// Error returns the text.
func (e *describedError) Error() string { return e.text }

// Unwrap returns the cause.
func (e *describedError) Unwrap() error { return e.cause }
