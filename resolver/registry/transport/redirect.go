package transport

import (
	"errors"
	"net/http"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// maxRedirects bounds how many redirects a request follows.
const maxRedirects = 5

// checkRedirect is an http.Client's CheckRedirect. Credentials are only for the host
// that demanded them; net/http would send them to its subdomains and other ports too.
func checkRedirect(r *http.Request, via []*http.Request) error {
	switch first := via[0].URL; {
	case len(via) > maxRedirects:
		return errors.New("too many redirects")
	case via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https":
		return errors.New("redirected from https to " + r.URL.Scheme)
	case r.URL.Scheme != "https" && r.URL.Scheme != "http":
		return errors.New("redirected to " + sanitize.Line(r.URL.Scheme))
	case r.URL.Host != first.Host || r.URL.Scheme != first.Scheme:
		r.Header.Del("Authorization")
	}
	return nil
}
