package transport_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// traced collects what a Transport traces.
type traced struct {
	mu  sync.Mutex
	all []transport.Exchange
}

func (t *traced) add(e transport.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, e)
}

// lines are the exchanges less what differs from run to run.
func (t *traced) lines() []string {
	var out []string
	for _, e := range t.all {
		e.Duration = 0
		out = append(out, e.String())
	}
	return out
}

// TestTrace traces a challenge, a token, the request, a further try and a redirect, and
// checks that no secret is among it.
func TestTrace(t *testing.T) {
	const secret = "hush"
	blob := serveHost(t, serveManifest)
	tries := 0
	host := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			_, _ = w.Write([]byte(`{"token":"` + secret + `"}`))
		case r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate",
				`Bearer realm="http://`+r.Host+`/token?account=`+secret+`",service=x`)
			w.WriteHeader(http.StatusUnauthorized)
		case tries == 0:
			tries++
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.Header().Set("Location", "http://user:"+secret+"@"+blob+"/b?X-Signature="+secret)
			w.WriteHeader(http.StatusFound)
		}
	})
	var got traced
	c := newTransport(t, transport.Options{Trace: got.add, Keychain: keys{host, "user", secret}})
	if err := get(t.Context(), c, oci.Name{Host: host, Repository: "a", Tag: "v1"}); err != nil {
		t.Fatal(err)
	}
	lines := got.lines()
	if strings.Contains(strings.Join(lines, "\n"), secret) {
		t.Errorf("a secret is in\n%s", strings.Join(lines, "\n"))
	}
	// The first request of all is with TLS, which the server does not speak.
	want := []string{
		"GET http://" + host + "/v2/ 401 0 B 0s",
		"GET http://" + host + "/token 200 16 B 0s",
		"GET http://" + host + "/v2/a/manifests/v1 503 0 B 0s",
		"GET http://" + host + "/v2/a/manifests/v1 302 0 B 0s",
		"GET http://" + blob + "/b 200 2 B 0s",
	}
	if !slices.Equal(lines[1:], want) {
		t.Errorf("got\n%s\nwant, after the first,\n%s", strings.Join(lines, "\n"),
			strings.Join(want, "\n"))
	}
}

func TestTraceFailure(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{TLS: true})
	var got traced
	c := newTransport(t, transport.Options{Trace: got.add})
	if err := get(t.Context(), c, named(s, "acme/api", "v1")); err == nil {
		t.Fatal("no error")
	}
	const want = "/v2/ tls: failed to verify certificate: "
	if len(got.all) == 0 || !strings.Contains(got.all[0].String(), want) {
		t.Errorf("traced %v", got.lines())
	}
}

// TestTracing traces a client that is not a Transport's.
func TestTracing(t *testing.T) {
	name := serve(t, serveManifest)
	var got traced
	client := &http.Client{Transport: transport.Tracing(http.DefaultTransport, got.add)}
	resp, err := client.Get("http://joe:hush@" + name.Host + "/a?token=hush")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	resp.Body.Close()
	if _, err := client.Get("http://joe:hush@" + deadAddress(t) + "/b?token=hush"); err == nil {
		t.Error("no error")
	}
	lines := got.lines()
	if len(lines) != 2 || lines[0] != "GET http://"+name.Host+"/a 200 2 B 0s" ||
		!strings.Contains(lines[1], "/b connection refused by ") {
		t.Errorf("traced %q", lines)
	}
}

func TestExchangeString(t *testing.T) {
	for want, e := range map[string]transport.Exchange{
		"GET https://a/v2/ 200 1.2 kB 31ms": {Method: "GET", URL: "https://a/v2/", Status: 200,
			Bytes: 1234, Duration: 31_400 * time.Microsecond},
		"HEAD https://a/x 404 0 B 2.5s": {Method: "HEAD", URL: "https://a/x", Status: 404,
			Duration: 2500 * time.Millisecond},
		"GET u cached 4.2 MB": {Method: "GET", URL: "u", Cached: true, Bytes: 4_200_000},
		"GET u connection refused 1ms": {Method: "GET", URL: "u",
			Err: errors.New("connection refused"), Duration: time.Millisecond},
	} {
		if got := e.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
