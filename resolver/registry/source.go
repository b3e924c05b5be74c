package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// source is where the content of one repository is.
type source struct {
	client *Client
	name   string  // of the repository, in canonical form
	places []place // the mirrors in their order, and the host itself
}

// source returns where the content of a name's repository is.
func (c *Client) source(n oci.Name) (*source, error) {
	if n.Host == "" || n.Repository == "" {
		return nil, errors.New("the name has no host or no repository")
	}
	s := &source{client: c, name: n.Repo()}
	for _, m := range append(slices.Clip(c.mirrors[n.Host]), mirror{host: n.Host}) {
		h, err := c.transport.Host(m.host)
		if err != nil {
			return nil, err
		}
		s.places = append(s.places, place{h, m.prefix + n.Repository})
	}
	return s, nil
}

// tryPlaces calls fetch with the places of s in turn, until one succeeds. Content that
// cannot be used ends it as well: a mirror that serves wrong content must not go
// unnoticed.
func tryPlaces[T any](ctx context.Context, s *source, fetch func(place) (T, error)) (T, error) {
	var mirrors []*Error
	for i, p := range s.places {
		result, err := fetch(p)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return result, err
		}
		if i == len(s.places)-1 || e.Status == http.StatusOK || ctx.Err() != nil {
			return result, withMirrors(e, mirrors)
		}
		mirrors = append(mirrors, e)
	}
	panic("registry: a source without a place")
}

// withMirrors returns e with the errors of the mirrors that were tried before. Other
// callers may have e, so it is copied.
func withMirrors(e *Error, mirrors []*Error) *Error {
	if len(mirrors) == 0 {
		return e
	}
	again := *e
	again.Mirrors = mirrors
	return &again
}

// manifest returns what ref, a tag or a digest, refers to: a digest from the cache if
// it is there, a tag always from the registry.
func (s *source) manifest(ctx context.Context, ref string) (document, manifest, error) {
	if d, m, ok := s.keptManifest(ref); ok {
		return d, m, nil
	}
	return s.freshManifest(ctx, ref)
}

// keptManifest returns a manifest from the cache, if it is there and not broken.
func (s *source) keptManifest(digest string) (document, manifest, bool) {
	d, ok := s.client.kept.get(s.name+"/manifests/", digest)
	if !ok {
		return document{}, manifest{}, false
	}
	m, err := parseManifest(d)
	return d, m, err == nil
}

// freshManifest fetches what ref refers to, and keeps it if it is valid.
func (s *source) freshManifest(ctx context.Context, ref string) (document, manifest, error) {
	d, err := tryPlaces(ctx, s, func(p place) (document, error) { return p.manifest(ctx, ref) })
	if err != nil {
		return document{}, manifest{}, err
	}
	m, err := parseManifest(d)
	if err != nil {
		return document{}, manifest{}, d.invalid(err)
	}
	s.client.kept.put(s.name+"/manifests/", d)
	return d, m, nil
}

// blob returns a blob of at most transport.MaxBody bytes, from the cache if it is there.
func (s *source) blob(ctx context.Context, digest string) (document, error) {
	key := s.name + "/blobs/"
	if d, ok := s.client.kept.get(key, digest); ok {
		return d, nil
	}
	d, err := tryPlaces(ctx, s, func(p place) (document, error) { return p.blob(ctx, digest) })
	if err == nil {
		s.client.kept.put(key, d)
	}
	return d, err
}
