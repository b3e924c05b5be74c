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
// unless tag is "", under the tag; what the tag named before stays there under
// its digest. It returns the digest, and panics where ggcr's registry refuses
// the content, which is a mistake in the test.
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

// MoveTag makes a tag name what a digest or another tag of the repository
// names.
func (s *Server) MoveTag(repo, tag, to string) {
	answer := s.direct(http.MethodGet, "/v2/"+repo+"/manifests/"+to, nil, nil)
	s.PushManifest(repo, tag, answer.header.Get("Content-Type"), answer.body.Bytes())
}

// DeleteTag makes the registry forget a tag. The content stays.
func (s *Server) DeleteTag(repo, tag string) {
	s.direct(http.MethodDelete, "/v2/"+repo+"/manifests/"+tag, nil, nil)
}

// direct asks the registry's handler without a connection: not counted, not
// delayed, no credentials.
func (s *Server) direct(method, path string, header http.Header, body []byte) *answer {
	r := &http.Request{
		Method: method,
		URL:    &url.URL{Path: path},
		Header: header,
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
	a := &answer{header: make(http.Header), status: http.StatusOK}
	s.registry.ServeHTTP(a, r)
	if a.status >= 300 {
		must(fmt.Errorf("%s %s: %d %s", method, path, a.status, a.body.String()))
	}
	return a
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
