package transport_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// TestRedirects redirects to another host, as registries with a content network do, and
// checks which credentials go with it.
func TestRedirects(t *testing.T) {
	for _, away := range []bool{false, true} {
		s := registrytest.New(t, registrytest.Options{Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		var got []string
		other := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.Header.Get("Authorization"))
			r.SetBasicAuth("ann", "secret")
			s.ServeHTTP(w, r)
		})
		s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Host == other || !strings.Contains(r.URL.Path, "/manifests/") {
				return false
			}
			if away {
				http.Redirect(w, r, "http://"+other+r.URL.Path, http.StatusTemporaryRedirect)
				return true
			}
			got = append(got, r.Header.Get("Authorization"))
			return false
		})
		c := newTransport(t, transport.Options{Keychain: keys{s.Host(), "ann", "secret"}})
		if err := get(t.Context(), c, named(s, "acme/api", "v1")); err != nil {
			t.Error(err)
		}
		if len(got) != 1 || (got[0] == "") != away {
			t.Errorf("to another host: %v, Authorization: %q", away, got)
		}
	}
}

// TestRejectedRedirects has chains of redirects that are followed, and those that are
// not.
func TestRejectedRedirects(t *testing.T) {
	plain := serveHost(t, serveManifest)
	tests := []struct {
		name  string
		hops  int
		tls   bool
		plain bool // the last hop is to a server without TLS
		want  string
	}{
		{"few", 5, false, false, ""},
		{"many", 6, false, false, "too many redirects"},
		{"http to http", 1, false, true, ""},
		{"https to http", 1, true, true, "redirected from https to http"},
		{"https to https", 1, true, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			hop := 0
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/v2/":
				case hop == test.hops:
					serveManifest(w, r)
				case test.plain && hop == test.hops-1:
					http.Redirect(w, r, "http://"+plain+"/", http.StatusFound)
				default:
					hop++
					http.Redirect(w, r, fmt.Sprintf("/hop%d", hop), http.StatusFound)
				}
			}))
			if test.tls {
				s.StartTLS()
			} else {
				s.Start()
			}
			defer s.Close()
			_, host, _ := strings.Cut(s.URL, "://")
			c := newTransport(t, transport.Options{Base: s.Client().Transport})
			err := get(t.Context(), c, oci.Name{Host: host, Repository: "acme/api", Tag: "v1"})
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), "/v2/acme/api/manifests/v1: "+test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestRedirectToAnotherScheme has a redirect that leaves HTTP.
func TestRedirectToAnotherScheme(t *testing.T) {
	name := serve(t, func(w http.ResponseWriter, r *http.Request) {
		registrytest.RedirectTo("ftp://example.com/")(w, r)
	})
	err := get(t.Context(), newTransport(t, transport.Options{}), name)
	if err == nil || !strings.HasSuffix(err.Error(), "/v2/acme/api/manifests/v1: redirected to ftp") {
		t.Errorf("got %v", err)
	}
}
