package registry

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// digestHeader is the header in which a registry claims what it serves.
const digestHeader = "Docker-Content-Digest"

// place is a repository on one host: the host itself or a mirror of it.
type place struct {
	host *transport.Host
	repo string
}

// send sends a request about the repository; path is what follows it in the URL.
func (p place) send(ctx context.Context, method, path, accept string) (*transport.Response, error) {
	return p.host.Send(ctx, method, p.repo, path, accept)
}

// get is send for a GET that has to succeed.
func (p place) get(ctx context.Context, path, accept string) (*transport.Response, error) {
	resp, err := p.send(ctx, http.MethodGet, path, accept)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, resp.StatusError()
	}
	return resp, nil
}

// manifest fetches what ref, a tag or a digest, refers to. Content is only accepted for
// a digest if it hashes to it.
func (p place) manifest(ctx context.Context, ref string) (document, error) {
	resp, err := p.get(ctx, "/manifests/"+ref, acceptManifests)
	if err != nil {
		return document{}, err
	}
	d := document{at: resp.URL, host: p.host.Name()}
	if d.body, err = resp.Content("manifest"); err != nil {
		return document{}, err
	}
	d.digest = digestOf(d.body)
	d.headerType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err := d.checkDigest(ref, resp.Header.Get(digestHeader)); err != nil {
		return document{}, d.invalid(err)
	}
	return d, nil
}

// blob fetches a blob of at most transport.MaxBody bytes.
func (p place) blob(ctx context.Context, digest string) (document, error) {
	resp, err := p.get(ctx, "/blobs/"+digest, "")
	if err != nil {
		return document{}, err
	}
	d := document{at: resp.URL, host: p.host.Name()}
	if d.body, err = resp.Content("config"); err != nil {
		return document{}, err
	}
	if d.digest = digestOf(d.body); d.digest != digest {
		return document{}, d.invalid(
			fmt.Errorf("the registry returned other content, %s", d.digest))
	}
	return d, nil
}

// head returns the digest that the registry claims for ref, "" if it claims none.
func (p place) head(ctx context.Context, ref string) (string, error) {
	resp, err := p.send(ctx, http.MethodHead, "/manifests/"+ref, acceptManifests)
	switch {
	case err != nil:
		return "", err
	case resp.StatusCode == http.StatusOK:
		if claimed := resp.Header.Get(digestHeader); lockfile.ValidDigest(claimed) {
			return claimed, nil
		}
		return "", nil
	}
	e := resp.StatusError()
	if mayGet(e) && !e.NotFound() { // what is not found may be at the next place
		return "", nil
	}
	return "", e
}

// mayGet reports whether err, of HEAD, may be about HEAD itself and not about the content:
// a GET may succeed, or will tell what is wrong. Registries, and what stands before them,
// respond to HEAD with 404, 403, 405, 500 and others where they serve the content to GET
// (a Nexus behind a proxy in crazy-max/diun#1614). Credentials that are rejected, a rate
// limit and a gateway's errors hold for both.
func mayGet(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Err != nil {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	case http.StatusInternalServerError, http.StatusNotImplemented:
		return true
	}
	return 400 <= e.Status && e.Status < 500
}
