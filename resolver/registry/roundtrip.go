package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// RoundTripper returns what sends the requests of a library that speaks to
// registries by itself: as the Client's own, with its credentials, concurrency,
// retries and bounds. It takes GET and HEAD about what lies in a repository, and
// answers GET /v2/ by itself, demanding nothing, so that the library looks for no
// token.
func (c *Client) RoundTripper() http.RoundTripper { return onBehalf{c} }

// onBehalf sends requests as a Client does.
type onBehalf struct{ client *Client }

// RoundTrip sends a request. Its error is an *Error if a registry is at fault.
func (t onBehalf) RoundTrip(r *http.Request) (*http.Response, error) {
	closeBody(r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, fmt.Errorf("%s is no request that reads", r.Method)
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v2/")
	if !ok {
		return nil, errors.New("the request is not about what a registry holds")
	}
	if path == "" {
		return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	repo, rest, ok := splitPath(path)
	if !ok {
		return nil, errors.New("the request names no repository")
	}
	if r.URL.RawQuery != "" {
		rest += "?" + r.URL.RawQuery
	}
	s, err := t.client.source(oci.Name{Host: canonicalHost(r.URL.Host), Repository: repo})
	if err != nil {
		return nil, err
	}
	for i, p := range s.places {
		resp, _, err := p.host.ask(r.Context(), r.Method, p.repo, rest, r.Header.Get("Accept"))
		last := i == len(s.places)-1 || r.Context().Err() != nil
		switch {
		case err != nil && last:
			return nil, err
		case err == nil && (last || resp.StatusCode < 300):
			resp.Body = &bounded{resp.Body, maxAnswer - 1}
			return resp, nil
		case err == nil:
			drain(resp)
		}
	}
	return nil, errors.New("no host to ask") // which a source has
}

// splitPath splits what follows /v2/ before the last part that says what of the
// repository is asked for (OCI distribution-spec, "Endpoints").
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

// canonicalHost returns the host that names have for one of Docker Hub's.
func canonicalHost(host string) string {
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		return "docker.io"
	}
	return host
}

// bounded is a body that fails where it is longer than it may be, so that no one
// takes a part for the whole.
type bounded struct {
	io.ReadCloser
	left int64
}

// Read reads at most what is left.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the answer is longer than %d MiB", (maxAnswer-1)>>20)
	}
	return n, err
}
