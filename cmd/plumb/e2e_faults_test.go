package main_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
)

// fault answers the nth request (from 1) that it is about in place of the
// registry. It returns false to let the registry answer.
type fault func(n int64, w http.ResponseWriter, r *http.Request, registry http.Handler) bool

// once is a fault that passes.
func once(f fault) fault {
	return func(n int64, w http.ResponseWriter, r *http.Request, registry http.Handler) bool {
		return n == 1 && f(n, w, r, registry)
	}
}

// status answers with a status, and headers if there are any.
func status(code int, headers ...string) fault {
	return func(_ int64, w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		return true
	}
}

// tryAfterDate is a 429 that names a moment.
func tryAfterDate(n int64, w http.ResponseWriter, r *http.Request, registry http.Handler) bool {
	return status(http.StatusTooManyRequests, "Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat))(n, w, r, registry)
}

// drop ends the connection without an answer.
func drop(int64, http.ResponseWriter, *http.Request, http.Handler) bool { panic(http.ErrAbortHandler) }

// hang does not answer.
func hang(_ int64, _ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
	<-r.Context().Done()
	return true
}

// drip answers a byte at a time.
func drip(_ int64, w http.ResponseWriter, r *http.Request, registry http.Handler) bool {
	truth := answer(registry, r)
	w.Header().Set("Content-Type", truth.Header().Get("Content-Type"))
	for _, b := range truth.Body.Bytes() {
		_, _ = w.Write([]byte{b})
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return true
		case <-time.After(100 * time.Millisecond):
		}
	}
	return true
}

// altered answers with the truth as change has it.
func altered(change func(header http.Header, body []byte) []byte) fault {
	return func(_ int64, w http.ResponseWriter, r *http.Request, registry http.Handler) bool {
		truth := answer(registry, r)
		body := change(truth.Header(), truth.Body.Bytes())
		for name, values := range truth.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(truth.Code)
		_, _ = w.Write(body)
		return true
	}
}

// answer is what the registry would say.
func answer(registry http.Handler, r *http.Request) *httptest.ResponseRecorder {
	truth := httptest.NewRecorder()
	registry.ServeHTTP(truth, r)
	return truth
}

func cut(header http.Header, body []byte) []byte {
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return body[:len(body)/2]
}

func noHeader(header http.Header, body []byte) []byte {
	header.Del("Docker-Content-Digest")
	header.Del("Etag")
	return body
}

func wrongHeader(header http.Header, body []byte) []byte {
	header.Set("Docker-Content-Digest", "sha256:"+strings.Repeat("dead", 16))
	return body
}

func otherBody(header http.Header, body []byte) []byte {
	header.Del("Content-Length")
	return append(body, '\n')
}

// loop redirects a request to itself.
func loop(_ int64, w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
	http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	return true
}

// faultCase is a way in which a registry fails.
type faultCase struct {
	name  string
	about string // part of the path of requests that it is about
	fault fault
	says  []string // of a lock that fails; nil: it succeeds
}

// What requests can be about.
const (
	theTag   = "/manifests/1.4"
	children = "/manifests/sha256:"
	tokens   = "/token"
)

// needsTokens reports whether it is only for registries that want tokens.
func (c faultCase) needsTokens() bool { return c.about == tokens || c.name == "an expired token" }

var faultCases = []faultCase{
	{"429 once", theTag, once(status(429)), nil},
	{"429 with seconds", theTag, once(status(429, "Retry-After", "1")), nil},
	{"429 with a date", theTag, once(tryAfterDate), nil},
	{"429 for ever", theTag, status(429), []string{"429"}},
	{"429 for an hour", theTag, status(429, "Retry-After", "3600"), []string{"429"}},
	{"500 once", theTag, once(status(500)), nil},
	{"500 for ever", theTag, status(500), []string{"500"}},
	{"a token server that is down once", tokens, once(status(503)), nil},
	{"a token server that is down", tokens, status(503), []string{"503", tokens}},
	{"a dropped connection", theTag, once(drop), nil},
	{"dropped connections", theTag, drop, []string{"connection was closed"}},
	{"a hang", theTag, once(hang), nil},
	{"hangs", theTag, hang, []string{"no complete response"}},
	{"a slow drip", theTag, drip, []string{"no complete response"}},
	{"truncated once", theTag, once(altered(cut)), nil},
	{"truncated for ever", theTag, altered(cut), []string{"EOF"}},
	{"no digest header", theTag, altered(noHeader), nil},
	{"a wrong digest header", theTag, altered(wrongHeader), []string{"contradicts itself", "dead"}},
	{"another body", children, altered(otherBody), []string{"other content"}},
	{"an expired token", children, once(expired), nil},
	{"a redirect loop", theTag, loop, []string{"too many redirects"}},
	{"404", theTag, status(404), []string{"404", "exceptions"}},
}

// expired refuses the credentials that the registry would have taken.
func expired(_ int64, w http.ResponseWriter, r *http.Request, registry http.Handler) bool {
	anonymous := r.Clone(r.Context())
	anonymous.Header.Del("Authorization")
	registry.ServeHTTP(w, anonymous)
	return true
}

// TestFaults locks against real registries behind a proxy that injects faults. The result
// is either the right pins, or exit status 3, the reference and its files, and no changed
// file.
func TestFaults(t *testing.T) {
	plumb := buildPlumb(t)
	for _, kind := range registryKinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			r := startRealRegistry(t, kind)
			web, agent := pushIndex(t, r, "team/web", "1.4"), pushImage(t, r, "agent", "2")
			for _, c := range faultCases {
				if c.needsTokens() && !kind.tokens {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.lock(t, plumb, r, web, agent)
				})
			}
		})
	}
}

// lock locks a repository that names the registry by the address of the proxy.
func (c faultCase) lock(t *testing.T, plumb string, r *realRegistry, web, agent lockfile.Entry) {
	host := r.behind(t, c.about, c.fault)
	for _, e := range []*lockfile.Entry{&web, &agent} {
		e.Name = strings.Replace(e.Name, r.host, host, 1)
	}
	cluster := newCluster(t, plumb, host)
	cluster.env = append(cluster.env, "DOCKER_CONFIG="+login(t, host, registryPassword))
	writeFile(t, filepath.Join(cluster.dir, "plumb.yaml"), fmt.Sprintf(
		"apiVersion: plumb.dev/v1\nkind: Config\nregistries:\n  %q: {caFile: %q, timeout: 1s}\n", host, r.caFile))
	if c.says == nil {
		cluster.locksTo(t, web, agent)
		return
	}
	cluster.refuses(t, append(c.says, host+"/team/web:1.4", "apps/web.yaml:6", "apps/again.yaml:6")...)
}

// behind starts a server with the registry behind it, and its token server if it
// has one, which answers requests about something as f has it. It returns the
// server's address.
func (r *realRegistry) behind(t *testing.T, about string, f fault) string {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	address := s.Listener.Addr().String()
	all := http.NewServeMux()
	proxy := r.proxy("https://" + r.host)
	all.Handle("/", proxy)
	if r.issuer != nil {
		realm := strings.Replace("https://"+address, "127.0.0.1", "localhost", 1)
		all.Handle(tokens, r.proxy(r.issuer.server.URL))
		proxy.ModifyResponse = func(answer *http.Response) error {
			demand := answer.Header.Get("WWW-Authenticate")
			answer.Header.Set("WWW-Authenticate", strings.Replace(demand, r.issuer.realm(), realm, 1))
			return nil
		}
	}
	var asked atomic.Int64
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if strings.Contains(request.URL.Path, about) && f(asked.Add(1), w, request, all) {
			return
		}
		all.ServeHTTP(w, request)
	})
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{r.pair}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return address
}

// proxy passes requests on.
func (r *realRegistry) proxy(to string) *httputil.ReverseProxy {
	target, err := url.Parse(to)
	if err != nil {
		panic(err) // no address of ours is none
	}
	return &httputil.ReverseProxy{
		Transport: r.client.Transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host // which the registry puts into its addresses
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusTeapot) // no fault has this status
		},
	}
}
