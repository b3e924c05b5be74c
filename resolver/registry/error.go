package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Error says which request went wrong and how. It holds no credential: URL has
// neither user nor query, and what the registry said is cut to one short line.
type Error struct {
	Op      string // "GET", "HEAD" or "POST"
	URL     string // what was asked
	Host    string // the registry in canonical form, "docker.io"
	Status  int    // HTTP status of the answer, 0 if there was none
	Code    string // first error code of the registry, such as "MANIFEST_UNKNOWN"; "" if it gave none
	Message string // what the registry said to it
	Err     error  // what is wrong with the answer or why there is none; nil if Status says it all
	Tries   int    // how often it was asked, if that was more than once and the last answer no better
	// Allowance is what the host grants, where that is used up: a 429 that
	// does not pass. nil otherwise.
	Allowance *Allowance

	// Before are the errors of the mirrors that were asked before.
	Before []*Error

	identified bool // credentials were sent to the host; known if Allowance is not nil
}

// Error gives the request and what came of it.
func (e *Error) Error() string {
	s := e.Op + " " + e.URL + ": " + e.outcome()
	if len(e.Before) == 0 {
		return s
	}
	var before []string
	for _, b := range e.Before {
		before = append(before, b.Host+": "+b.outcome())
	}
	return s + " (mirrors asked before: " + strings.Join(before, "; ") + ")"
}

// outcome gives what came of the request.
func (e *Error) outcome() string {
	s := e.answer()
	switch {
	case e.Err != nil:
		s = e.Err.Error()
	case e.Allowance != nil && e.Allowance.String() != "":
		s += " (" + e.Allowance.String() + ")"
	}
	if e.Tries > 1 {
		s += fmt.Sprintf(" (tried %d times)", e.Tries)
	}
	return s
}

// answer gives the status and what the registry said to it.
func (e *Error) answer() string {
	s := fmt.Sprint(e.Status) + " " + cmp.Or(e.Code, http.StatusText(e.Status))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// usedUp says that the host's allowance is used up, and what is known of it.
func (e *Error) usedUp() string {
	s := "the allowance of " + e.Host
	if a := e.Allowance.String(); a != "" {
		s += " (" + a + ")"
	}
	return s + " is used up: " + e.answer()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// NotFound reports whether the registry says that there is no such content.
// Docker Hub and others rather answer Unauthorized where nobody has logged in.
func (e *Error) NotFound() bool { return e.Err == nil && e.Status == http.StatusNotFound }

// Unauthorized reports whether the registry wants other credentials than it got.
func (e *Error) Unauthorized() bool {
	return e.Err == nil && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// NotAsked reports whether the request was not sent at all, because the host is
// down or its allowance is used up. Err tells the reason, the same for all.
func (e *Error) NotAsked() bool {
	var reason *notAsked
	return errors.As(e.Err, &reason)
}

// maxErrorBody bounds what is read of an answer that is an error, in bytes.
const maxErrorBody = 64 << 10

// statusError makes the error of an answer with an unwelcome status. It reads
// the body, which the caller closes.
func (h *host) statusError(resp *http.Response, op, at string) *Error {
	return statusError(h.name, resp, op, at)
}

func statusError(host string, resp *http.Response, op, at string) *Error {
	e := &Error{Op: op, URL: at, Host: host, Status: resp.StatusCode}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if err != nil {
		return e // the status is known, which is more than the rest could add
	}
	// OCI distribution-spec, "Error codes".
	var said struct {
		Errors []struct{ Code, Message string }
	}
	if json.Unmarshal(body, &said) == nil && len(said.Errors) > 0 {
		e.Code, e.Message = line(said.Errors[0].Code), line(said.Errors[0].Message)
	}
	return e
}

// failed makes the error of a request that has no usable answer. ctx is the
// caller's, without the limit on a single request.
func (h *host) failed(ctx context.Context, op, at string, err error) *Error {
	var known *Error
	var nested *url.Error
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &known):
		return known
	case errors.As(err, &nested):
		err = nested.Err // it names the request again, with its query
	}
	return &Error{Op: op, URL: at, Host: h.name, Err: worded(err)}
}

// tokenError makes the error of a token server that gave no token.
func (h *host) tokenError(ctx context.Context, realm string, err error) *Error {
	var refused *transport.Error
	if !errors.As(err, &refused) {
		e := h.failed(ctx, http.MethodGet, redact(realm), err)
		var known *Error
		if ctx.Err() == nil && !errors.As(err, &known) {
			// What is no token answer can hold half a secret, after the line's end.
			first, _, long := strings.Cut(e.Err.Error(), "\n")
			if long {
				first = strings.TrimSuffix(first, ":")
			}
			e.Err = &saidFailure{"asking for a token: " + line(first), e.Err}
		}
		return e
	}
	e := &Error{Op: http.MethodGet, URL: redact(realm), Host: h.name, Status: refused.StatusCode}
	if refused.Request != nil {
		e.Op, e.URL = refused.Request.Method, redact(refused.Request.URL.String())
	}
	if len(refused.Errors) > 0 {
		e.Code, e.Message = line(string(refused.Errors[0].Code)), line(refused.Errors[0].Message)
	}
	return e
}

// redact returns a URL without what may be a secret.
func redact(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "(an address that is no URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// maxLine bounds what is repeated of a registry's words, in runes.
const maxLine = 200

// line makes one short line without control characters of what a stranger wrote.
func line(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		switch {
		case n == maxLine:
			return b.String() + "…"
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			continue
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}
