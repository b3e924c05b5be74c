package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// worthTries is how often a request is sent in all that fails with err. What is
// not known to stay is taken to pass: broken connections have many names, more
// so in HTTP/2.
func worthTries(err error) int {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case stays(err):
		return 1
	case errors.As(err, &dns):
		switch {
		case dns.IsNotFound, !dns.IsTemporary && !dns.IsTimeout:
			return 1
		case dns.IsTimeout:
			return 2
		}
	case isSlow(err), errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return 2 // each try can take long, and few of these pass
	}
	return maxTries
}

// stays reports whether err is one that another try will not mend: what is wrong
// with a certificate, with TLS itself, or with the request.
func stays(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
		invalid     x509.CertificateInvalidError
		roots       x509.SystemRootsError
		alert       tls.AlertError
		header      tls.RecordHeaderError
	)
	return errors.As(err, &certificate) || errors.As(err, &authority) ||
		errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &roots) ||
		errors.As(err, &alert) || errors.As(err, &header) || errors.Is(err, http.ErrSchemeMismatch)
}

// worded returns err with a text that is fit for people, if its own is not.
func worded(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var header tls.RecordHeaderError
	proxy := ""
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		proxy = "the proxy of this machine's settings: "
	}
	say := func(text string) error { return &saidFailure{proxy + text, err} }
	switch {
	case errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/":
		return http.ErrSchemeMismatch // as net/http says it of a request that nothing wraps
	case errors.As(err, &dns) && dns.IsNotFound:
		return say("the name " + line(dns.Name) + " does not resolve: " + dns.Err)
	case errors.As(err, &dns):
		return say("looking up " + line(dns.Name) + ": " + dns.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say("connection refused" + dialed(err))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return err // it tells how much came
	case errors.Is(err, io.EOF):
		return say("the connection was dropped before an answer")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return say("the connection was reset")
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

// saidFailure is an error whose text is fit to be shown.
type saidFailure struct {
	text  string
	cause error
}

func (f *saidFailure) Error() string { return f.text }
func (f *saidFailure) Unwrap() error { return f.cause }
