package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
)

// Hint returns what a person can do about the error, in one line: a command, a
// setting of plumb.yaml, or whom to turn to. It is "" where the registry says that
// there is no such content, as what to do then depends on who asked.
func (e *Error) Hint() string {
	var unknown x509.UnknownAuthorityError
	switch {
	case e.NotFound():
		return ""
	case e.Unauthorized():
		return e.logIn()
	case e.Allowance != nil && !e.identified:
		return e.logIn() + "; " + e.askMirror()
	case e.Allowance != nil:
		return e.askMirror()
	case errors.Is(e.Err, http.ErrSchemeMismatch):
		return "to allow it, in " + e.setting("plainHTTP: true")
	case errors.As(e.Err, &unknown):
		return "to trust its CA, in " + e.setting("caFile: FILE")
	case isSlow(e.Err):
		return "to give it more time, in " + e.setting("timeout: 60s")
	}
	return e.hintForRest()
}

// hintForRest is for errors that no setting mends by itself.
func (e *Error) hintForRest() string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case e.Tries > 1, e.NotAsked(), e.Err == nil && passing(e.Status):
		return "it may pass: run it again later; " + e.askMirror()
	case errors.As(e.Err, &dns):
		return "correct the name of the host; behind a proxy, set HTTPS_PROXY"
	case errors.As(e.Err, &certificate):
		return "ask those who run " + e.Host + " for a certificate that is good for it; " + e.askMirror()
	}
	return "tell those who run " + e.Host + "; to go on without it, name it under exceptions in plumb.yaml"
}

func (e *Error) logIn() string { return "to log in: docker login " + e.Host }

func (e *Error) askMirror() string {
	return "to ask a mirror first, in " + e.setting("mirrors: [MIRROR]")
}

// setting returns a field of the host in plumb.yaml.
func (e *Error) setting(field string) string {
	host := e.Host
	if strings.Contains(host, ":") {
		host = `"` + host + `"` // a key of a flow mapping
	}
	return "plumb.yaml: registries: {" + host + ": {" + field + "}}"
}
