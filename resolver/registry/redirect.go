package registry

import (
	"errors"
	"net/http"
)

// maxRedirects bounds how often a request is sent on.
const maxRedirects = 5

// redirect is an http.Client's CheckRedirect. Credentials are for the host that
// asked for them; net/http would send them on to its subdomains and other ports.
func redirect(r *http.Request, via []*http.Request) error {
	switch first := via[0].URL; {
	case len(via) > maxRedirects:
		return errors.New("redirected too often")
	case via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https":
		return errors.New("redirected from https to " + r.URL.Scheme)
	case r.URL.Scheme != "https" && r.URL.Scheme != "http":
		return errors.New("redirected to " + line(r.URL.Scheme))
	case r.URL.Host != first.Host || r.URL.Scheme != first.Scheme:
		r.Header.Del("Authorization")
	}
	return nil
}
