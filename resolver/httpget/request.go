package httpget

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Request is a GET.
type Request struct {
	URL *url.URL // its host in lower case
	// Home is the server that a person named, and that names URL; nil is URL itself. It may be
	// at a private address, credentials are for it, and so is TLS.
	Home   *url.URL
	Site   string // what Home is, for errors: "repository"; "" is "server"
	Accept string // the Accept field, "" for none
	What   string // that is fetched, for errors: "index", "archive"
	Max    int64  // bytes of the response's body
	AsIs   bool   // the bytes count: net/http unpacks none that the server has packed
	Login  Login
	TLS    TLSFiles
}

func (r Request) home() *url.URL {
	if r.Home == nil {
		return r.URL
	}
	return r.Home
}

// Authorized reports whether credentials are sent with a request: to the host of Home, to
// others only where the login is for them too, and not for all to read.
func (r Request) Authorized() bool {
	home := r.home()
	return r.Login.Username != "" && (r.URL.Scheme == "https" || isLoopback(r.URL.Hostname())) &&
		(r.Login.Everywhere || r.URL.Scheme == home.Scheme && r.URL.Host == home.Host)
}

// failed makes the error of a request.
func (r Request) failed(status int, err error) error {
	return &transport.Error{
		Op: http.MethodGet, URL: CleanURL(r.URL.String()), Host: r.URL.Host, Status: status,
		Err: err,
	}
}

// site is what Home is.
func (r Request) site() string { return cmp.Or(r.Site, "server") }

// CheckScheme returns an error if no request may be sent to a URL: without TLS only to
// this machine, and where plumb.yaml says so.
func (s *Sender) CheckScheme(u *url.URL) error {
	switch {
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()),
		u.Scheme == "http" && s.hosts[u.Host].PlainHTTP:
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("not encrypted: use https, or allow it in plumb.yaml: "+
			"registries: {%q: {plainHTTP: true}}", u.Host)
	}
	return fmt.Errorf("unsupported scheme %q: want https", Line(u.Scheme))
}

// cause returns why a request failed, without its URL, which can hold a secret.
func cause(ctx context.Context, err error) error {
	var nested *url.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &nested):
		return nested.Err
	}
	return err
}

// TooLongError says that a response is longer than it may be.
type TooLongError struct {
	What string // Request.What
	Max  int64  // Request.Max
}

// Error gives the limit.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("the %s is longer than %d MiB, plumb's limit", e.What, e.Max>>20)
}

// body is a response's body, read within bounds.
type body struct {
	from    io.Reader
	left    int64
	read    int64
	request Request
	alive   func()
	err     error // why it could not be read to its end
}

// Read reads what is left.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.alive()
	b.read += int64(n)
	if b.left -= int64(n); b.left < 0 {
		return 0, &TooLongError{b.request.What, b.request.Max}
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.err = fmt.Errorf("the response ends after %d bytes: %w", b.read, err)
		return n, b.err
	case err != nil && err != io.EOF:
		b.err = err
	}
	return n, err
}
