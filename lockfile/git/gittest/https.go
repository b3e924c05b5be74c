package gittest

import (
	"encoding/pem"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// Server serves a repository over HTTPS, by git http-backend.
type Server struct {
	// URL is that of the repository.
	URL string
	// CA is the certificate to trust, PEM.
	CA []byte
	// Requests counts the requests.
	Requests atomic.Int64

	handler atomic.Pointer[http.Handler]
	git     http.Handler
}

// The credentials that Server requires.
const (
	User     = "plumb"          // with Password
	Password = "correct horse"  // of User
	Bearer   = "battery.staple" // instead
)

// ServeHTTPS serves the repository to clients with the credentials.
func (r *Repo) ServeHTTPS() *Server {
	r.t.Helper()
	backend := filepath.Join(r.Git("--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		r.t.Skipf("git http-backend is not installed: %v", err)
	}
	parent, name := filepath.Split(r.Dir)
	env := append([]string{"GIT_PROJECT_ROOT=" + filepath.Clean(parent), "GIT_HTTP_EXPORT_ALL=1"},
		gitEnv(r.env)...)
	s := &Server{git: &cgi.Handler{Path: backend, Env: env}}
	s.Behave(nil)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.Requests.Add(1)
		user, password, _ := q.BasicAuth()
		basic, bearer := user == User && password == Password, "Bearer "+Bearer
		if !basic && q.Header.Get("Authorization") != bearer {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		(*s.handler.Load()).ServeHTTP(w, q)
	}))
	r.t.Cleanup(server.Close)
	s.URL = server.URL + "/" + name
	s.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return s
}

// Behave wraps the handler that serves the repository; nil removes the wrapper.
func (s *Server) Behave(wrap func(git http.Handler) http.Handler) {
	h := s.git
	if wrap != nil {
		h = wrap(s.git)
	}
	s.handler.Store(&h)
}

// gitEnv are the variables of an environment that git heeds.
func gitEnv(env []string) []string {
	var out []string
	for _, v := range env {
		if strings.HasPrefix(v, "GIT_CONFIG") || strings.HasPrefix(v, "HOME=") ||
			strings.HasPrefix(v, "PATH=") {
			out = append(out, v)
		}
	}
	return out
}

// Credentials writes a folder of credentials.
func Credentials(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Folder has the credentials for the server.
func (s *Server) Folder(t testing.TB) string {
	t.Helper()
	return Credentials(t, map[string]string{"username": User + "\n", "password": Password + "\n",
		"ca.crt": string(s.CA)})
}
