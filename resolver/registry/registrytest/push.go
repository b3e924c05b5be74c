package registrytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// PushManifest stores a manifest or an index as it is, under its digest and,
// unless tag is "", under the tag; the tag's earlier content stays under its digest. It
// returns the digest, and panics where ggcr's registry rejects the content, which is a
// mistake in the test.
func (s *Server) PushManifest(repo, tag, mediaType string, data []byte) string {
	if tag == "" {
		tag = digest(data)
	}
	header := http.Header{"Content-Type": {mediaType}}
	s.direct(http.MethodPut, "/v2/"+repo+"/manifests/"+tag, header, data)
	return digest(data)
}

// PushBlob stores a blob as it is and returns its digest.
func (s *Server) PushBlob(repo string, data []byte) string {
	d := digest(data)
	must(s.blobs.Put(context.Background(), repo, hash(d), io.NopCloser(bytes.NewReader(data))))
	return d
}

// MoveTag points a tag to the content of a digest or another tag of the repository.
func (s *Server) MoveTag(repo, tag, to string) {
	resp := s.direct(http.MethodGet, "/v2/"+repo+"/manifests/"+to, nil, nil)
	s.PushManifest(repo, tag, resp.header.Get("Content-Type"), resp.body.Bytes())
}

// DeleteTag removes a tag. The content stays.
func (s *Server) DeleteTag(repo, tag string) {
	s.direct(http.MethodDelete, "/v2/"+repo+"/manifests/"+tag, nil, nil)
}

// direct calls the registry's handler without a connection: not counted, not delayed,
// without credentials.
func (s *Server) direct(method, path string, header http.Header, body []byte) *recorder {
	r := &http.Request{
		Method: method,
		URL:    &url.URL{Path: path},
		Header: header,
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
	a := &recorder{header: make(http.Header), status: http.StatusOK}
	s.registry.ServeHTTP(a, r)
	if a.status >= 300 {
		must(fmt.Errorf("%s %s: %d %s", method, path, a.status, a.body.String()))
	}
	return a
}

// recorder records what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
