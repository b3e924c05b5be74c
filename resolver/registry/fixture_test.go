package registry_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/oci"
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

// serve starts a server that greets everyone and has a handler for the rest, and
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

// httptestHost starts a server for a handler and returns its host.
func httptestHost(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// dialTo returns a dialer that reaches one host whatever it is asked for.
func dialTo(host string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, host)
	}
}
