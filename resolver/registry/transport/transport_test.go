package transport_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// TestProxy runs itself again as another process, as net/http reads the environment
// once.
func TestProxy(t *testing.T) {
	const variable = "PLUMB_TEST_PROXIED"
	name := oci.Name{Host: "registry.test:5000", Repository: "acme/api", Tag: "v1"}
	if os.Getenv(variable) != "" {
		c := newTransport(t, transport.Options{Hosts: map[string]transport.HostOptions{name.Host: {PlainHTTP: true}}})
		if err := get(t.Context(), c, name); err != nil {
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
	if len(hosts) != 2 || hosts[0] != name.Host {
		t.Errorf("requests to the proxy: %q, want 2 to %s", hosts, name.Host)
	}
}

// TestConcurrency counts how many requests are under way at once.
func TestConcurrency(t *testing.T) {
	for _, limit := range []int{1, 3} {
		s := registrytest.New(t, registrytest.Options{Delay: 2 * time.Millisecond})
		var mu sync.Mutex
		now, most := 0, 0
		host := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
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
		c := newTransport(t, transport.Options{Hosts: map[string]transport.HostOptions{host: {Concurrency: limit}}})
		for _, err := range getAll(t, c, names) {
			if err != nil {
				t.Error(err)
			}
		}
		if most != limit {
			t.Errorf("%d requests at once, want %d", most, limit)
		}
	}
}
