// Package fetch hashes files at URLs, and finds out which release of a repository is its
// latest one.
//
// The digest of a file is the hash of the bytes that were read, at most 32 MiB, after the
// content encoding of the response, if any, was undone. A page of HTML is not a file: it is
// what servers answer with in place of one, and is rejected. Nothing is kept on disk.
//
// Credentials are those of a netrc file for the URL's host. They are sent over TLS or to this
// machine, and not to where the host redirects.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/internal/once"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Options configures a Client. The zero value is right for public servers, and for those that
// the netrc file has a login for.
type Options struct {
	// Transport sends the requests. nil is a transport that honours HTTPS_PROXY, NO_PROXY,
	// SSL_CERT_FILE and SSL_CERT_DIR.
	Transport http.RoundTripper
	// Hosts are settings of single hosts by name with its port, as plumb.yaml has them.
	// Mirrors are for OCI registries alone.
	Hosts map[string]registry.Host
	// Getenv reads the variables that say where the netrc file is; nil is os.Getenv.
	Getenv func(string) string
	// Concurrency is how many requests one host gets at once; 0 is 8.
	Concurrency int
	// UserAgent is the User-Agent field of requests; "" is "plumb".
	UserAgent string
	// Trace is told of each request that was sent, from many goroutines at once. nil is told
	// nothing.
	Trace func(transport.Exchange)
}

// Client reads files at URLs. It requests each URL at most once: an outcome holds for its
// life, failures included, unless the caller gave up. Its methods may be called from many
// goroutines at once.
type Client struct {
	sender   *httpget.Sender
	netrc    func() (map[string]httpget.Login, error) // read when it is first needed
	digests  once.Group[string]                       // by URL
	releases once.Group[string]                       // tags by URL
}

// New returns a Client. It reads no file and sends no request yet.
func New(o Options) (*Client, error) {
	getenv := o.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	for host, h := range o.Hosts {
		if h.Concurrency < 0 || h.Timeout < 0 {
			return nil, fmt.Errorf("settings of host %q: negative concurrency or timeout", host)
		}
	}
	return &Client{
		sender: httpget.New(httpget.Options{
			Transport: o.Transport, Hosts: o.Hosts, Concurrency: o.Concurrency,
			UserAgent: o.UserAgent, Trace: o.Trace,
		}),
		netrc: sync.OnceValues(func() (map[string]httpget.Login, error) {
			return httpget.Netrc(getenv)
		}),
	}, nil
}

// Digest returns the SHA-256 digest of the file at a URL: "sha256:" and 64 hexadecimal digits.
// The error is an *InvalidURLError, a *NotFoundError, a *ContentError or a *RequestError, but
// for that of a ctx that ended and of settings.
func (c *Client) Digest(ctx context.Context, url string) (string, error) {
	r, err := c.request(url)
	if err != nil {
		return "", err
	}
	return c.digests.Do(ctx, r.URL.String(), func() (string, error) {
		var f file
		if err := c.sender.Get(ctx, r, f.read); err != nil {
			return "", failed(ctx, r, err)
		}
		return f.digest, nil
	})
}

// failed makes an error of this package of one of a Sender.
func failed(ctx context.Context, r httpget.Request, err error) error {
	var e *transport.Error
	var content *ContentError
	var long *httpget.TooLongError
	at := httpget.CleanURL(r.URL.String())
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &content):
		content.URL, content.host = at, r.URL.Hostname()
		return content
	case errors.As(err, &long):
		return &ContentError{URL: at, Reason: long.Error(), fix: vendorIt}
	case !errors.As(err, &e):
		return fmt.Errorf("fetching %s: %w", at, err)
	case e.NotFound(), e.Err == nil && e.Status == http.StatusGone:
		return &NotFoundError{URL: at, Status: e.Status, host: r.URL.Hostname(), sent: r.Authorized()}
	}
	out := &RequestError{Err: e}
	if r.Authorized() {
		out.netrc = r.Login.From
	}
	return out
}
