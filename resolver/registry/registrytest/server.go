// Package registrytest runs a registry in the same process, on a real port of the loopback
// interface, for tests, benchmarks and the demo. It records requests, can demand
// credentials, and can inject faults. Its content depends on nothing but the seeds.
package registrytest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Options configures a registry. The zero value is plain HTTP on 127.0.0.1, without delay
// and credentials.
type Options struct {
	// Hostname is the loopback name under which the registry is known; ""
	// is "127.0.0.1".
	Hostname string
	// TLS makes the registry speak HTTPS (HTTP/1.1 and HTTP/2) with a
	// certificate of its own; see Server.CA.
	TLS bool
	// Delay is how long each request waits for its response.
	Delay time.Duration
	// Token makes the registry demand bearer tokens, which it issues at
	// /token for one repository each.
	Token bool
	// TokenLife is the announced life of tokens, in whole seconds; 0 is
	// five minutes.
	TokenLife time.Duration
	// Username and Password are what the registry, or with Token the token
	// server, demands. "" is no credentials.
	Username, Password string
	// DockerTypes gives the content that is pushed Docker's media types
	// (schema 2) in place of OCI's.
	DockerTypes bool
	// TagsPerPage bounds the pages of a list of tags; 0 is what is requested.
	TagsPerPage int
	// Referrers makes the registry list the referrers of a manifest; without
	// it clients use the fallback tag.
	Referrers bool
}

// Server is a running registry. Its methods may be called at any time, also
// while requests are under way.
type Server struct {
	options  Options
	registry http.Handler
	blobs    registry.BlobPutHandler
	listener net.Listener
	http     *http.Server
	ca       []byte
	done     chan struct{}

	mu       sync.Mutex
	delay    time.Duration
	fail     func(http.ResponseWriter, *http.Request) bool
	requests []string
	tokens   map[string]string // token to the scope it is good for
	issued   int
}

// TB is the part of testing.TB that New needs, of a *testing.T, a *testing.B or a *testing.F.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// New starts a registry that lives as long as the test t.
func New(t TB, options Options) *Server {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatalf("registrytest: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a registry on a free port of the loopback interface. The caller closes it.
func Start(options Options) (*Server, error) {
	if options.Hostname == "" {
		options.Hostname = "127.0.0.1"
	}
	quiet := log.New(io.Discard, "", 0)
	blobs := registry.NewInMemoryBlobHandler()
	s := &Server{
		options: options,
		registry: registry.New(registry.Logger(quiet), registry.WithBlobHandler(blobs),
			registry.WithReferrersSupport(options.Referrers)),
		blobs:  blobs.(registry.BlobPutHandler),
		done:   make(chan struct{}),
		delay:  options.Delay,
		tokens: make(map[string]string),
	}
	s.http = &http.Server{Handler: s, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	if options.TLS {
		certificate, ca, err := selfSigned(options.Hostname)
		if err != nil {
			return nil, fmt.Errorf("creating a certificate: %w", err)
		}
		s.ca = ca
		s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(options.Hostname, "0"))
	if err != nil {
		return nil, err
	}
	s.listener = listener
	go s.serve()
	return s, nil
}

func (s *Server) serve() {
	defer close(s.done)
	if s.options.TLS {
		s.http.ServeTLS(s.listener, "", "")
		return
	}
	s.http.Serve(s.listener)
}

// Close stops the registry and closes its connections.
func (s *Server) Close() {
	s.http.Close()
	<-s.done
}

// Host returns the registry's host with its port, as in an image reference.
func (s *Server) Host() string {
	_, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return s.listener.Addr().String()
	}
	return net.JoinHostPort(s.options.Hostname, port)
}

// CA returns the certificate, in PEM form, that a client must trust to connect to the
// registry; nil without TLS.
func (s *Server) CA() []byte { return slices.Clone(s.ca) }

// SetDelay changes how long each request waits from now on.
func (s *Server) SetDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Fail installs a hook that gets each request after it was recorded and before anything
// else. If hook returns true, it has handled the request. nil removes the hook.
func (s *Server) Fail(hook func(w http.ResponseWriter, r *http.Request) (handled bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = hook
}

// Requests returns the requests since the last Reset, in order of arrival:
// "GET /v2/acme/api/manifests/v1", and for tokens
// "GET /token repository:acme/api:pull".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Count returns how many requests since the last Reset contain the text. ""
// counts all.
func (s *Server) Count(text string) int {
	n := 0
	for _, r := range s.Requests() {
		if strings.Contains(r, text) {
			n++
		}
	}
	return n
}

// Reset forgets the requests so far.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// ServeHTTP handles one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	line := r.Method + " " + r.URL.Path
	if r.URL.Path == tokenPath {
		line += " " + r.URL.Query().Get("scope")
	}
	s.mu.Lock()
	s.requests = append(s.requests, line)
	delay, fail := s.delay, s.fail
	s.mu.Unlock()

	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
	}
	if fail != nil && fail(w, r) {
		return
	}
	if r.URL.Path == tokenPath {
		s.serveToken(w, r)
		return
	}
	if s.authorized(w, r) && !s.serveTags(w, r) {
		s.registry.ServeHTTP(w, r)
	}
}
