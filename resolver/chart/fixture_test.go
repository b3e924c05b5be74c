package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
)

// repo is a chart repository on a real server, with files by path.
type repo struct {
	*httptest.Server

	mu       sync.Mutex
	files    map[string][]byte
	fail     func(w http.ResponseWriter, r *http.Request) (handled bool)
	requests []string
	auth     []string // of the requests, "" for none
}

// newRepo starts a repository with TLS.
func newRepo(t testing.TB) *repo {
	t.Helper()
	s := &repo{files: map[string][]byte{}}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// newPlainRepo starts a repository without TLS.
func newPlainRepo(t testing.TB) *repo {
	t.Helper()
	s := &repo{files: map[string][]byte{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP serves the files.
func (s *repo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	user, password, ok := r.BasicAuth()
	if ok {
		user += ":" + password
	}
	s.auth = append(s.auth, user)
	data, found := s.files[r.URL.Path]
	fail := s.fail
	s.mu.Unlock()
	switch {
	case fail != nil && fail(w, r):
	case !found:
		http.NotFound(w, r)
	default:
		_, _ = w.Write(data)
	}
}

func (s *repo) put(path string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = data
}

// failing has each request handled by a function, where it returns true.
func (s *repo) failing(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// count returns how many requests contain a text.
func (s *repo) count(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if strings.Contains(r, text) {
			n++
		}
	}
	return n
}

// publish puts a packed chart and its entry into the repository, and returns the archive.
func (s *repo) publish(name string, versions ...string) []byte {
	var entries strings.Builder
	var data []byte
	for _, v := range versions {
		data = pack(name, v)
		file := fmt.Sprintf("%s-%s.tgz", name, v)
		s.put("/"+file, data)
		entries.WriteString(entryOf(name, v, file, content.Digest(data)))
	}
	s.put("/index.yaml", []byte(indexOf(name, entries.String())))
	return data
}

func indexOf(name, entries string) string {
	return "apiVersion: v1\nentries:\n  " + name + ":\n" + entries +
		"generated: \"2024-03-05T10:11:12.123456789Z\"\n"
}

// entryOf returns a version's entry as helm repo index writes it.
func entryOf(name, version, url, digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	return "  - apiVersion: v2\n    created: \"2024-03-05T10:11:12.123456789Z\"\n" +
		"    description: A chart\n    digest: " + digest + "\n    name: " + name +
		"\n    urls:\n    - " + url + "\n    version: " + version + "\n"
}

// pack makes an archive of a chart, the same each time.
func pack(name, version string, more ...string) []byte {
	files := []string{
		name + "/Chart.yaml", "apiVersion: v2\nname: " + name + "\nversion: " + version + "\nappVersion: \"1.0\"\n",
		name + "/values.yaml", "image: nginx:1.27\n",
		name + "/templates/web.yaml", "kind: ConfigMap\n",
	}
	return packFiles(append(files, more...)...)
}

// packFiles makes an archive of files: names and contents in turn.
func packFiles(files ...string) []byte {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	w := tar.NewWriter(zip)
	for i := 0; i < len(files); i += 2 {
		must(w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}))
		_, err := w.Write([]byte(files[i+1]))
		must(err)
	}
	must(w.Close())
	must(zip.Close())
	return packed.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// newClient returns a client that trusts the repository, with nothing in its environment.
func newClient(t testing.TB, s *repo, o chart.Options) *chart.Client {
	t.Helper()
	if o.Transport == nil && s != nil {
		o.Transport = s.Client().Transport
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	c, err := chart.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// redial connects to a server, whatever the address.
type redial struct{ to *repo }

func (r *redial) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, r.to.Listener.Addr().String())
}
