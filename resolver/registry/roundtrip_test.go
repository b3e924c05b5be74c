package registry_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// TestRoundTripper has a library read an image through a Client: the Client pings the
// host and gets the token, and nothing is requested twice.
func TestRoundTripper(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true, Username: "ada", Password: "secret"})
	s.PushImage("acme/api", "v1", 1)
	c := newClient(t, registry.Options{Keychain: keys{s.Host(), "ada", "secret"}})
	ref, err := name.ParseReference(s.Host()+"/acme/api:v1", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(ref, remote.WithTransport(c.RoundTripper()), remote.WithAuth(authn.Anonymous), remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := image.RawConfigFile(); err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /v2/", "GET /token repository:acme/api:pull", "GET /v2/acme/api/manifests/v1", "GET /v2/acme/api/blobs/" + config.String()}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRoundTripperRefuses(t *testing.T) {
	big := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			_, _ = io.Copy(w, io.LimitReader(zeros{}, 5<<20))
		}
	})
	c := newClient(t, registry.Options{Keychain: noKeys{}})
	for _, test := range []struct{ method, path, want string }{
		{http.MethodPut, "/v2/a/manifests/v1", "method PUT is not supported"},
		{http.MethodGet, "/token", "does not begin with /v2/"},
		{http.MethodGet, "/v2/_catalog", "no repository in the path"},
		{http.MethodGet, "/v2/manifests/v1", "no repository in the path"},
		{http.MethodGet, "/v2/a/manifests/v1", "longer than 4 MiB"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, "http://"+big+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.RoundTripper().RoundTrip(r)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: got %v, want %q", test.method, test.path, err, test.want)
		}
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
