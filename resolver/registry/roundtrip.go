package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// RoundTripper returns an http.RoundTripper for a library that talks to registries
// itself: it sends requests as the Client does, with its mirrors, credentials, limits
// and retries. It takes GET and HEAD of the content of a repository, and responds to
// GET /v2/ itself, without a challenge, so that the library fetches no token.
func (c *Client) RoundTripper() http.RoundTripper { return roundTripper{c} }

// roundTripper sends requests as a Client does.
type roundTripper struct{ client *Client }

// RoundTrip sends a request. Its error is an *Error if a registry is at fault.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, fmt.Errorf("method %s is not supported: only GET and HEAD", r.Method)
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v2/")
	if !ok {
		return nil, errors.New("the path does not begin with /v2/")
	}
	if path == "" {
		return &http.Response{
			Status:     "200 OK",
			StatusCode: http.StatusOK,
			Proto:      "HTTP/1.1",
			ProtoMajor: 1,
			ProtoMinor: 1,
			Header:     http.Header{},
			Body:       http.NoBody,
			Request:    r,
		}, nil
	}
	repo, rest, ok := splitPath(path)
	if !ok {
		return nil, errors.New("no repository in the path")
	}
	if r.URL.RawQuery != "" {
		rest += "?" + r.URL.RawQuery
	}
	s, err := t.client.source(oci.Name{Host: oci.CanonicalHost(r.URL.Host), Repository: repo})
	if err != nil {
		return nil, err
	}
	return s.send(r, rest)
}

// send sends a request to the places of s in turn, until one has the content.
func (s *source) send(r *http.Request, path string) (*http.Response, error) {
	for i, p := range s.places {
		resp, err := p.send(r.Context(), r.Method, path, r.Header.Get("Accept"))
		last := i == len(s.places)-1 || r.Context().Err() != nil
		switch {
		case err != nil && last:
			return nil, err
		case err == nil && (last || resp.StatusCode < 300):
			resp.Body = &bounded{resp.Body, transport.MaxBody}
			return resp.Response, nil
		}
	}
	panic("registry: a source without a place")
}

// splitPath splits what follows /v2/ before the last part that says what of the
// repository is requested (OCI distribution-spec, "Endpoints").
func splitPath(path string) (repo, rest string, ok bool) {
	at := -1
	for _, what := range []string{"/manifests/", "/blobs/", "/referrers/", "/tags/"} {
		at = max(at, strings.LastIndex(path, what))
	}
	if at <= 0 {
		return "", "", false
	}
	return path[:at], path[at:], true
}

// bounded is a body that fails where it is too long, so that a part is not taken for
// the whole.
type bounded struct {
	io.ReadCloser
	left int64
}

// Read reads at most what is left.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the response is longer than %d MiB", transport.MaxBody>>20)
	}
	return n, err
}
