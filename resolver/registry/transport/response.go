package transport

import (
	"fmt"
	"io"
	"net/http"
)

// Response is a host's response. Its body is in memory and need not be closed.
type Response struct {
	*http.Response
	URL string // that was requested, without what may be a secret

	host   string
	method string
}

// Content returns the body, unless it is longer than MaxBody; what names it in the
// error.
func (r *Response) Content(what string) ([]byte, error) {
	tooLong := r.Invalid(fmt.Errorf("the %s is longer than %d MiB", what, MaxBody>>20))
	if r.ContentLength > MaxBody {
		return nil, tooLong
	}
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return nil, r.Invalid(err)
	case len(body) > MaxBody:
		return nil, tooLong
	}
	return body, nil
}

// StatusError makes the error of a response with a status that does not help.
func (r *Response) StatusError() *Error {
	return statusError(r.host, r.Response, r.method, r.URL)
}

// Invalid makes the error of a response with content that cannot be used because of
// err.
func (r *Response) Invalid(err error) *Error { return InvalidContent(r.host, r.URL, err) }

// InvalidContent makes the error of content that cannot be used because of err and that
// was read at a URL of a host.
func InvalidContent(host, url string, err error) *Error {
	return &Error{Op: http.MethodGet, URL: url, Host: host, Status: http.StatusOK, Err: err}
}
