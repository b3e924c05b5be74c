package transport

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

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// Error says which request went wrong and how. It holds no credential: URL has
// neither user nor query, and what the registry said is cut to one short line.
type Error struct {
	Op      string // "GET", "HEAD" or "POST"
	URL     string // that was requested
	Host    string // the registry in canonical form, "docker.io"
	Status  int    // HTTP status of the response, 0 if there was none
	Code    string // first error code of the registry, such as "MANIFEST_UNKNOWN"; perhaps ""
	Message string // of the registry, for Code
	Err     error  // what is wrong with the response or why there is none; nil if Status says
	Tries   int    // how often the request was sent, if more than once and without success
	// RateLimit is what is known of the host's rate limit where that is
	// exceeded: a 429 that lasts. nil otherwise.
	RateLimit *RateLimit

	// Mirrors are the errors of the mirrors that were tried before.
	Mirrors []*Error

	authenticated bool // credentials were sent to the host; known if RateLimit is not nil
}

// Error gives the request and its outcome.
func (e *Error) Error() string {
	return e.Op + " " + e.URL + ": " + e.outcome() + e.mirrors()
}

// mirrors gives what came of the mirrors, after the outcome.
func (e *Error) mirrors() string {
	if len(e.Mirrors) == 0 {
		return ""
	}
	var mirrors []string
	for _, m := range e.Mirrors {
		mirrors = append(mirrors, m.Host+": "+m.outcome())
	}
	return " (mirrors tried before: " + strings.Join(mirrors, "; ") + ")"
}

// outcome gives what came of the request.
func (e *Error) outcome() string {
	s := e.status()
	switch {
	case e.Err != nil:
		s = e.Err.Error()
	case e.RateLimit != nil && e.RateLimit.String() != "":
		s += " (" + e.RateLimit.String() + ")"
	}
	if e.Tries > 1 {
		s += fmt.Sprintf(" (tried %d times)", e.Tries)
	}
	return s
}

// status gives the status and the registry's message.
func (e *Error) status() string {
	s := fmt.Sprint(e.Status) + " " + cmp.Or(e.Code, http.StatusText(e.Status))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// rateLimitExceeded gives the reason why requests after e are not sent.
func (e *Error) rateLimitExceeded() string {
	s := "rate limit of " + e.Host + " exceeded"
	if known := e.RateLimit.String(); known != "" {
		s += " (" + known + ")"
	}
	return s + ": " + e.status()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// NotFound reports whether the registry says that there is no such content.
// Docker Hub and others respond Unauthorized instead to anonymous requests.
func (e *Error) NotFound() bool { return e.Err == nil && e.Status == http.StatusNotFound }

// Unauthorized reports whether the registry wants other credentials than it got.
func (e *Error) Unauthorized() bool {
	return e.Err == nil && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// NotSent reports whether the request was not sent at all, because the host is down or
// its rate limit is exceeded. Err gives the reason, the same for all such requests.
func (e *Error) NotSent() bool {
	var reason *notSentError
	return errors.As(e.Err, &reason)
}

// Cause gives what is wrong with the host or its proxy, in a text that is the same for all
// requests that fail for it: the host is down, its certificate is not trusted, it rejects
// the credentials. It is "" where only the request itself is at fault.
func (e *Error) Cause() string {
	var reason *notSentError
	var proxy *proxyError
	switch {
	case errors.As(e.Err, &reason) && reason.refusal != nil:
		return reason.refusal.Cause()
	case reason != nil:
		return reason.Error()
	case e.RateLimit != nil:
		return e.rateLimitExceeded()
	case errors.As(e.Err, &proxy):
		return proxy.Error()
	case e.Err != nil && e.Status == 0:
		if s := e.outcome() + e.mirrors(); strings.Contains(s, e.Host) {
			return s
		}
		return e.Host + ": " + e.outcome() + e.mirrors()
	case e.Err == nil && (e.Unauthorized() || isTransient(e.Status) || e.Status >= 500):
		// What the registry adds may be about one repository.
		return fmt.Sprintf("%s: %d %s", e.server(), e.Status,
			cmp.Or(e.Code, http.StatusText(e.Status))) + e.mirrors()
	}
	return ""
}

// server is what answered: the registry or, by its URL, the token server that the
// registry names.
func (e *Error) server() string {
	if strings.Contains(e.URL, "/v2/") {
		return e.Host
	}
	at, _, _ := strings.Cut(e.URL, "?") // its query names the repository
	return e.Host + ": token server " + at
}

// maxErrorBody bounds what is parsed of an error response's body, in bytes.
const maxErrorBody = 64 << 10

// statusError makes the error of a response with a status that does not help.
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
		e.Code, e.Message = sanitize.Line(said.Errors[0].Code), sanitize.Line(
			said.Errors[0].Message,
		)
	}
	return e
}

// requestError makes the error of a request without a usable response. ctx is the
// caller's, without the timeout of a single request.
func (h *Host) requestError(ctx context.Context, op, at string, err error) *Error {
	var known *Error
	var nested *url.Error
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &known):
		return known
	case errors.As(err, &nested):
		err = nested.Err // nested names the request again, with its query
	}
	return &Error{Op: op, URL: at, Host: h.name, Err: describe(err)}
}

// tokenError makes the error of a token server that gave no token.
func (h *Host) tokenError(ctx context.Context, realm string, err error) *Error {
	var refused *transport.Error
	if !errors.As(err, &refused) {
		e := h.requestError(ctx, http.MethodGet, sanitize.URL(realm), err)
		var known *Error
		if ctx.Err() == nil && !errors.As(err, &known) {
			// A malformed response can hold half a secret, after the first line.
			first, _, long := strings.Cut(e.Err.Error(), "\n")
			if long {
				first = strings.TrimSuffix(first, ":")
			}
			e.Err = &describedError{"fetching a token: " + sanitize.Line(first), e.Err}
		}
		return e
	}
	e := &Error{
		Op:     http.MethodGet,
		URL:    sanitize.URL(realm),
		Host:   h.name,
		Status: refused.StatusCode,
	}
	if refused.Request != nil {
		e.Op, e.URL = refused.Request.Method, sanitize.URL(refused.Request.URL.String())
	}
	if len(refused.Errors) > 0 {
		e.Code, e.Message = sanitize.Line(string(refused.Errors[0].Code)), sanitize.Line(
			refused.Errors[0].Message,
		)
	}
	return e
}
