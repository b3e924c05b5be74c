package transport_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// newTransport returns a Transport that does not wait before a retry.
func newTransport(t testing.TB, options transport.Options) *transport.Transport {
	t.Helper()
	tr, err := transport.New(options)
	if err != nil {
		t.Fatal(err)
	}
	doNotWait(tr)
	t.Cleanup(tr.Close)
	return tr
}

// get fetches the manifest of a name's tag.
func get(ctx context.Context, tr *transport.Transport, n oci.Name) error {
	h, err := tr.Host(n.Host)
	if err != nil {
		return err
	}
	resp, err := h.Send(ctx, http.MethodGet, n.Repository, "/manifests/"+n.Tag, "")
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return resp.StatusError()
	}
	_, err = resp.Content("manifest")
	return err
}

// getAll fetches manifests at once and returns their errors.
func getAll(t testing.TB, tr *transport.Transport, names []oci.Name) []error {
	t.Helper()
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { errs[i] = get(t.Context(), tr, name) })
	}
	wg.Wait()
	return errs
}

// fakeClock is a clock on which sleeping takes no time.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// doNotWait gives a Transport without any requests a fakeClock.
func doNotWait(tr *transport.Transport) *fakeClock {
	f := &fakeClock{now: time.Now()}
	tr.Clock = transport.Clock{Now: f.Now, Sleep: f.sleep}
	return f
}

// Now is the time on the clock.
func (f *fakeClock) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeClock) sleep(ctx context.Context, d time.Duration, _ <-chan struct{}) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	f.slept = append(f.slept, d)
	return context.Cause(ctx)
}

// Slept returns how long each sleep was.
func (f *fakeClock) Slept() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.slept)
}

// keys is a keychain that has one key for one host.
type keys struct{ host, username, password string }

func (k keys) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() != k.host {
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: k.username, Password: k.password}, nil
}

func named(s *registrytest.Server, repo, tag string) oci.Name {
	return oci.Name{Host: s.Host(), Repository: repo, Tag: tag}
}

// serve starts a server that responds to pings and has a handler for the rest, and
// returns the name of an image on it.
func serve(t testing.TB, handler http.HandlerFunc) oci.Name {
	t.Helper()
	host := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			handler(w, r)
		}
	})
	return oci.Name{Host: host, Repository: "acme/api", Tag: "v1"}
}

// serveHost starts a server for a handler and returns its host.
func serveHost(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// serveManifest serves a manifest.
func serveManifest(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }

// dialTo returns a dialer that connects to one host whatever it is called with.
func dialTo(host string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, host)
	}
}
