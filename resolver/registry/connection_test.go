package registry_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// caFile writes a server's authority to a file.
func caFile(t *testing.T, s *registrytest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, s.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTLS(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{TLS: true, Token: true})
	other := registrytest.New(t, registrytest.Options{TLS: true})
	s.PushIndex("acme/api", "v1", 1)
	protocols := make(map[string]bool)
	var mu sync.Mutex
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		protocols[r.Proto] = true
		return false
	})
	tests := map[string]struct {
		host registry.Host
		ok   bool
	}{
		"CA file":           {registry.Host{CAFile: caFile(t, s)}, true},
		"no CA file":        {registry.Host{}, false},
		"another's CA file": {registry.Host{CAFile: caFile(t, other)}, false},
		"plain HTTP":        {registry.Host{PlainHTTP: true}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s.Reset()
			c := newClient(t, registry.Options{Hosts: map[string]registry.Host{s.Host(): test.host}})
			_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, bothPlatforms)
			if (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
			if n := s.Count(""); !test.ok && n != 0 {
				t.Errorf("%d requests came through: %q", n, s.Requests())
			}
			var e *registry.Error
			if strings.Contains(name, "no CA") {
				if want := "to trust its CA, in " + setting(s, "caFile: FILE"); !errors.As(err, &e) || e.Hint() != want {
					t.Errorf("hint %q of %v, want %q", e.Hint(), err, want)
				}
			}
		})
	}
	if diff := cmp.Diff(map[string]bool{"HTTP/2.0": true}, protocols); diff != "" {
		t.Errorf("protocols (-want +got):\n%s", diff)
	}
}

func TestCAFileThatIsNone(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("# nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		empty:                  "registry example.com: CA file " + empty + ": no certificate in PEM form",
		empty + ".does-not-be": "registry example.com: reading the CA file: open ",
	} {
		_, err := registry.New(registry.Options{Hosts: map[string]registry.Host{"example.com": {CAFile: file}}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// recorder is a transport that notes the URLs it is asked for and has answers of
// its own. It does without a network, which has no private addresses in a test.
type recorder struct{ asked []string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.asked = append(r.asked, req.URL.String())
	if req.URL.Scheme == "https" {
		return nil, tls.RecordHeaderError{Msg: "no TLS here"}
	}
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusServiceUnavailable)
	return w.Result(), nil
}

// TestPlainHTTP has the hosts that are spoken to without TLS, and those like them
// that are not.
func TestPlainHTTP(t *testing.T) {
	tests := []struct {
		host    string
		special registry.Host
		want    []string
	}{
		{"localhost", registry.Host{}, []string{"https://localhost/v2/", "http://localhost/v2/"}},
		{"localhost:5000", registry.Host{}, []string{"https://localhost:5000/v2/", "http://localhost:5000/v2/"}},
		{"127.1.2.3:5000", registry.Host{}, []string{"https://127.1.2.3:5000/v2/", "http://127.1.2.3:5000/v2/"}},
		{"[::1]:5000", registry.Host{}, []string{"https://[::1]:5000/v2/", "http://[::1]:5000/v2/"}},
		{"10.0.0.5:5000", registry.Host{}, []string{"https://10.0.0.5:5000/v2/"}},
		{"192.168.1.1", registry.Host{}, []string{"https://192.168.1.1/v2/"}},
		{"registry.localhost:5000", registry.Host{}, []string{"https://registry.localhost:5000/v2/"}},
		{"127.0.0.1.example.com", registry.Host{}, []string{"https://127.0.0.1.example.com/v2/"}},
		{"10.0.0.5:5000", registry.Host{PlainHTTP: true}, []string{"http://10.0.0.5:5000/v2/"}},
		{"localhost:5000", registry.Host{PlainHTTP: true}, []string{"http://localhost:5000/v2/"}},
		{"docker.io", registry.Host{}, []string{"https://registry-1.docker.io/v2/"}},
	}
	for _, test := range tests {
		r := &recorder{}
		c := newClient(t, registry.Options{Transport: r, Hosts: map[string]registry.Host{test.host: test.special}})
		_, err := c.Head(t.Context(), oci.Name{Host: test.host, Repository: "a", Tag: "v1"})
		var e *registry.Error
		if !errors.As(err, &e) || e.Host != test.host {
			t.Errorf("%s: %v", test.host, err)
		}
		if diff := cmp.Diff(test.want, slices.Compact(r.asked)); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", test.host, test.special, diff)
		}
	}
}

// TestDroppedGreeting has a registry on the loopback interface that speaks TLS and
// loses its first connection. It is not taken for one without TLS.
func TestDroppedGreeting(t *testing.T) {
	n := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path != "/v2/" {
			answer{body: manifest}.ServeHTTP(w, r)
		}
	}))
	defer s.Close()
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	name := oci.Name{Host: strings.TrimPrefix(s.URL, "https://"), Repository: "acme/api", Tag: "v1"}
	c := newClient(t, registry.Options{Transport: s.Client().Transport})
	if got, err := c.Resolve(t.Context(), name, lockfile.Image, nil); err != nil || got.Digest != digestOf(manifest) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestHintForPlainHTTP asks a registry that has no TLS by a name that is not
// this machine's.
func TestHintForPlainHTTP(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushImage("acme/api", "v1", 1)
	dial := http.DefaultTransport.(*http.Transport).Clone()
	dial.Proxy = nil
	dial.DialContext = dialTo(s.Host())
	name := oci.Name{Host: "registry.test:5000", Repository: "acme/api", Tag: "v1"}
	for _, plain := range []bool{true, false} {
		c := newClient(t, registry.Options{Transport: dial, Hosts: map[string]registry.Host{name.Host: {PlainHTTP: plain}}})
		_, err := c.Resolve(t.Context(), name, lockfile.Image, nil)
		if plain && err != nil {
			t.Error(err)
		}
		var e *registry.Error
		want := `to allow it, in plumb.yaml: registries: {"registry.test:5000": {plainHTTP: true}}`
		if !plain && (!errors.As(err, &e) || e.Hint() != want) {
			t.Errorf("got %v, want the hint %s", err, want)
		}
	}
	dial.CloseIdleConnections()
}

// TestProxy runs this test again as another program, as net/http reads the
// environment once.
func TestProxy(t *testing.T) {
	const variable = "PLUMB_TEST_PROXIED"
	name := oci.Name{Host: "registry.test:5000", Repository: "acme/api", Tag: "v1"}
	if os.Getenv(variable) != "" {
		c := newClient(t, registry.Options{Hosts: map[string]registry.Host{name.Host: {PlainHTTP: true}}})
		if _, err := c.Resolve(t.Context(), name, lockfile.Image, bothPlatforms); err != nil {
			t.Error(err)
		}
		return
	}
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1)
	var hosts []string
	var mu sync.Mutex
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts = append(hosts, r.URL.Host)
		mu.Unlock()
		s.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	again := exec.Command(os.Args[0], "-test.run=^TestProxy$")
	again.Env = append(os.Environ(), variable+"=1", "HTTP_PROXY="+proxy.URL, "NO_PROXY=")
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(hosts) != 4 || hosts[0] != name.Host {
		t.Errorf("the proxy was asked for %q, want 4 times %s", hosts, name.Host)
	}
}

// TestConcurrency counts how many requests are under way at once.
func TestConcurrency(t *testing.T) {
	for _, limit := range []int{1, 3} {
		s := registrytest.New(t, registrytest.Options{Delay: 2 * time.Millisecond})
		var mu sync.Mutex
		now, most := 0, 0
		host := httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			s.ServeHTTP(w, r)
			mu.Lock()
			now--
			mu.Unlock()
		})
		var names []oci.Name
		for i := range 20 {
			repo := "acme/app" + string(rune('a'+i))
			s.PushIndex(repo, "v1", i)
			names = append(names, oci.Name{Host: host, Repository: repo, Tag: "v1"})
		}
		c := newClient(t, registry.Options{Hosts: map[string]registry.Host{host: {Concurrency: limit}}})
		for _, err := range resolveAll(t, c, names) {
			if err != nil {
				t.Error(err)
			}
		}
		if most != limit {
			t.Errorf("%d requests at once, want %d", most, limit)
		}
	}
}
