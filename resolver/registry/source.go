package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// source is where the content of one repository is to be had.
type source struct {
	client *Client
	name   string  // of the repository, in canonical form
	places []place // the mirrors in their order, and the host itself
}

// place is a repository as one host has it.
type place struct {
	host *host
	repo string
}

// source returns where the content of a name's repository is to be had.
func (c *Client) source(n oci.Name) (*source, error) {
	if n.Host == "" || n.Repository == "" {
		return nil, errors.New("the name has no host or no repository")
	}
	s := &source{client: c, name: n.Repo()}
	for _, m := range append(slices.Clip(c.mirrors[n.Host]), mirror{host: n.Host}) {
		h, err := c.host(m.host)
		if err != nil {
			return nil, err
		}
		s.places = append(s.places, place{h, m.prefix + n.Repository})
	}
	return s, nil
}

// askPlaces puts a question to the places of s in turn, until one answers it. An
// answer that cannot be used ends it as well: silence about a mirror that lies
// would help nobody.
func askPlaces[T any](ctx context.Context, s *source, question func(place) (T, error)) (T, error) {
	var before []*Error
	for i, p := range s.places {
		answer, err := question(p)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return answer, err
		}
		if i == len(s.places)-1 || e.Status == http.StatusOK || ctx.Err() != nil {
			return answer, e.after(before)
		}
		before = append(before, e)
	}
	panic("registry: a source without a place")
}

// after returns e with the errors of the mirrors that were asked before. Others may
// have e.
func (e *Error) after(before []*Error) *Error {
	if len(before) == 0 {
		return e
	}
	again := *e
	again.Before = before
	return &again
}

// manifest reads what ref, a tag or a digest, names. What a digest names is taken
// from what was kept; what a tag names is asked for each time.
func (s *source) manifest(ctx context.Context, ref string) (document, manifest, error) {
	if d, m, ok := s.keptManifest(ref); ok {
		return d, m, nil
	}
	return s.freshManifest(ctx, ref)
}

// keptManifest returns what a digest names, if it was kept and is not broken.
func (s *source) keptManifest(digest string) (document, manifest, bool) {
	d, ok := s.client.kept.get(s.name+"/manifests/", digest)
	if !ok {
		return document{}, manifest{}, false
	}
	m, err := parseManifest(d)
	return d, m, err == nil
}

// freshManifest asks for what ref names, and keeps it unless it is of no use.
func (s *source) freshManifest(ctx context.Context, ref string) (document, manifest, error) {
	d, err := askPlaces(ctx, s, func(p place) (document, error) { return p.host.manifest(ctx, p.repo, ref) })
	if err != nil {
		return document{}, manifest{}, err
	}
	m, err := parseManifest(d)
	if err != nil {
		return document{}, manifest{}, d.bad(err)
	}
	s.client.kept.put(s.name+"/manifests/", d)
	return d, m, nil
}

// blob reads a blob of at most maxConfig bytes, from what was kept if it is there.
func (s *source) blob(ctx context.Context, digest string) (document, error) {
	key := s.name + "/blobs/"
	if d, ok := s.client.kept.get(key, digest); ok {
		return d, nil
	}
	d, err := askPlaces(ctx, s, func(p place) (document, error) { return p.host.blob(ctx, p.repo, digest) })
	if err == nil {
		s.client.kept.put(key, d)
	}
	return d, err
}
