package registry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// TestRedirects sends blobs on to another host and to another port, as registries
// with a content network do, and looks what goes with them.
func TestRedirects(t *testing.T) {
	for _, away := range []bool{false, true} {
		s := registrytest.New(t, registrytest.Options{Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		var got []string
		other := httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.Header.Get("Authorization"))
			r.SetBasicAuth("ann", "secret")
			s.ServeHTTP(w, r)
		})
		s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Host == other || !strings.Contains(r.URL.Path, "/blobs/") {
				return false
			}
			if away {
				http.Redirect(w, r, "http://"+other+r.URL.Path, http.StatusTemporaryRedirect)
				return true
			}
			got = append(got, r.Header.Get("Authorization"))
			return false
		})
		c := newClient(t, registry.Options{Keychain: keys{s.Host(), "ann", "secret"}})
		if _, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil); err != nil {
			t.Error(err)
		}
		if len(got) != 1 || (got[0] == "") != away {
			t.Errorf("to another host: %v, Authorization of the blobs: %q", away, got)
		}
	}
}

// TestRedirectsRefused has chains of redirects that are followed, and those that
// are not.
func TestRedirectsRefused(t *testing.T) {
	plain := httptestHost(t, answer{body: manifest}.ServeHTTP)
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
					answer{body: manifest}.ServeHTTP(w, r)
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
			c := newClient(t, registry.Options{Transport: s.Client().Transport})
			_, err := c.Resolve(t.Context(), oci.Name{Host: host, Repository: "acme/api", Tag: "v1"}, lockfile.Artifact, nil)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), "/v2/acme/api/manifests/v1: "+test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestRedirectToAnotherScheme ends where HTTP does.
func TestRedirectToAnotherScheme(t *testing.T) {
	name := serve(t, func(w http.ResponseWriter, r *http.Request) {
		registrytest.RedirectTo("ftp://example.com/")(w, r)
	})
	_, err := newClient(t, registry.Options{}).Resolve(t.Context(), name, lockfile.Image, nil)
	if err == nil || !strings.HasSuffix(err.Error(), "/v2/acme/api/manifests/v1: redirected to ftp") {
		t.Errorf("got %v", err)
	}
}
