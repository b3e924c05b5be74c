package fetch_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/resolver/fetch"
)

// server is a real server, with handlers by path.
type server struct {
	*httptest.Server

	mu       sync.Mutex
	paths    map[string]http.HandlerFunc
	requests []*http.Request
}

// newServer starts a server with TLS.
func newServer(t testing.TB) *server {
	t.Helper()
	s := &server{paths: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

// newPlainServer starts a server without TLS.
func newPlainServer(t testing.TB) *server {
	t.Helper()
	s := &server{paths: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP calls the handler of a path.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	handler := s.paths[r.URL.EscapedPath()]
	s.mu.Unlock()
	if handler == nil {
		http.NotFound(w, r)
		return
	}
	handler(w, r)
}

// on has a handler for a path.
func (s *server) on(path string, handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths[path] = handler
}

// put puts a file at a path.
func (s *server) put(path, text string) {
	s.on(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(text))
	})
}

// redirect redirects a path, to a URL or another path.
func (s *server) redirect(path, to string) {
	s.on(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to) // as it is: http.Redirect cleans it
		w.WriteHeader(http.StatusFound)
	})
}

// seen are the requests as "TARGET USER:PASSWORD", without the latter where there is none. The
// target is a path, or a URL where the server is a proxy.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.requests {
		line := r.RequestURI
		if user, password, ok := r.BasicAuth(); ok {
			line += " " + user + ":" + password
		}
		out = append(out, line)
	}
	return out
}

// host is the server's host with its port.
func (s *server) host() string {
	_, host, _ := strings.Cut(s.URL, "://")
	return host
}

// newClient returns a client that trusts a server, with nothing in its environment.
func newClient(t testing.TB, s *server, o fetch.Options) *fetch.Client {
	t.Helper()
	if o.Transport == nil && s != nil {
		o.Transport = s.Client().Transport
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	c, err := fetch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// digestOf is the digest of a text.
func digestOf(text string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))) }

// check compares an error with a part of its text, "" for none.
func check(t *testing.T, err error, want string) {
	t.Helper()
	if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

const text = "kind: ConfigMap\n"
