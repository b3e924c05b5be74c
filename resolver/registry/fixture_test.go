package registry_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// noKeys is a keychain without keys.
type noKeys struct{}

func (noKeys) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// keys is a keychain that has one key for one host.
type keys struct{ host, username, password string }

func (k keys) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() != k.host {
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: k.username, Password: k.password}, nil
}

// serve starts a server that responds to pings and has a handler for the rest, and
// returns the name of an image on it.
func serve(t testing.TB, handler http.HandlerFunc) oci.Name {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			handler(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return oci.Name{Host: strings.TrimPrefix(s.URL, "http://"), Repository: "acme/api", Tag: "v1"}
}

// serveHost starts a server for a handler and returns its host.
func serveHost(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

var errBroken = errors.New("the keychain is broken")

type brokenKeys struct{}

func (brokenKeys) Resolve(authn.Resource) (authn.Authenticator, error) { return nil, errBroken }

// fault returns the fault that a text describes.
func fault(t *testing.T, how string) registrytest.Fault {
	t.Helper()
	f, ok := registrytest.Named(how)
	if !ok {
		t.Fatalf("no fault is called %q", how)
	}
	return f
}

// caFile writes a server's authority to a file.
func caFile(t *testing.T, s *registrytest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, s.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
