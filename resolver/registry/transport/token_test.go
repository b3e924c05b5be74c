package transport_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// TestTokenServers has servers that return no token.
func TestTokenServers(t *testing.T) {
	tests := []struct {
		name, realm, want string
		status            int
		body              string
	}{
		{"refuses", "", "/token: 403 DENIED: go away", 403, `{"errors":[{"code":"DENIED","message":"go away"}]}`},
		{"breaks", "", "/token: 502 Bad Gateway", 502, "<html>"},
		{"no token", "", "/token: fetching a token: no token in bearer response", 200, `{"refresh_token":"hush"}`},
		{"no JSON", "", "/token: fetching a token: invalid character", 200, `hush`},
		{"no header value", "", "/token: fetching a token: the server returned an invalid token", 200, `{"token":"hush\nhush"}`},
		{"an array", "", "/token: fetching a token: json: cannot unmarshal array", 200, `["hush"]`},
		{"nothing", "", "/token: fetching a token: unexpected end of JSON input", 200, ""},
		{"elsewhere", "http://169.254.169.254/latest", "refused: ", 200, ""},
		{"no realm", "none", "missing realm", 200, ""},
		{"file", "file:///etc/passwd", `scheme "file" not allowed`, 200, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			host := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					w.WriteHeader(test.status)
					fmt.Fprint(w, test.body)
					return
				}
				realm := test.realm
				if realm == "" {
					realm = "http://" + r.Host + "/token?account=hush"
				}
				demand := fmt.Sprintf("Bearer realm=%q,service=x", realm)
				if realm == "none" {
					demand = "Bearer service=x"
				}
				w.Header().Set("WWW-Authenticate", demand)
				w.WriteHeader(http.StatusUnauthorized)
			})
			err := get(t.Context(), newTransport(t, transport.Options{}), oci.Name{Host: host, Repository: "a", Tag: "v1"})
			var e *transport.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestTokenServerElsewhere has a registry on the loopback interface with a token
// server on another port of it. A registry of the public with one there is
// refused (private.go).
func TestTokenServerElsewhere(t *testing.T) {
	tokens := serveHost(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"token": "opensesame"}`) })
	host := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer opensesame" {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="x"`, tokens))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.NotFound(w, r)
	})
	err := get(t.Context(), newTransport(t, transport.Options{}), oci.Name{Host: host, Repository: "a", Tag: "v1"})
	var e *transport.Error
	if !errors.As(err, &e) || !e.NotFound() {
		t.Errorf("got %v, want the response to a request with a token", err)
	}
}

// TestTokenIsRenewedInTime checks that a token is renewed before it is rejected.
func TestTokenIsRenewedInTime(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true, TokenLife: time.Second})
	s.PushArtifact("acme/api", "v1", 1)
	c := newTransport(t, transport.Options{})
	renewed := 0
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/manifests/") && r.Header.Get("Authorization") != "Bearer token-1" {
			renewed++
		}
		return false
	})
	for range 2 {
		if err := get(t.Context(), c, named(s, "acme/api", "v1")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
	}
	want := []string{
		"GET /v2/",
		"GET /token repository:acme/api:pull", "GET /v2/acme/api/manifests/v1",
		"GET /token repository:acme/api:pull", "GET /v2/acme/api/manifests/v1",
	}
	if diff := cmp.Diff(want, s.Requests()); diff != "" || renewed != 1 {
		t.Errorf("%d requests with another token, want 1; requests (-want +got):\n%s", renewed, diff)
	}
}

// TestLateChallenge has a registry whose ping has no challenge, and which demands tokens
// for manifests.
func TestLateChallenge(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true})
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool { return r.URL.Path == "/v2/" })
	var names []oci.Name
	for i := range 10 {
		tag := fmt.Sprintf("v%d", i)
		s.PushImage("acme/api", tag, i)
		names = append(names, named(s, "acme/api", tag))
	}
	for i, err := range getAll(t, newTransport(t, transport.Options{}), names) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if n := s.Count("GET /token"); n != 1 {
		t.Errorf("%d tokens, want 1", n)
	}
}

// TestTokenServerFails has token servers with permanent faults.
func TestTokenServerFails(t *testing.T) {
	for how, want := range map[string]string{
		"503":           "/token: 503 Service Unavailable (tried 6 times)",
		"429":           "/token: 429 Too Many Requests (tried 6 times)",
		"drop":          "/token: the connection was closed before a response (tried 6 times)",
		"redirect-loop": "/token: fetching a token: stopped after 10 redirects",
	} {
		s := registrytest.New(t, registrytest.Options{Token: true, Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		s.Fail(registrytest.At("/token", fault(t, how)))
		c := newTransport(t, transport.Options{Keychain: keys{s.Host(), "ann", "secret"}})
		err := get(t.Context(), c, named(s, "acme/api", "v1"))
		var e *transport.Error
		if !errors.As(err, &e) || err.Error() != "GET http://"+s.Host()+want {
			t.Errorf("%s: got %v, want %s", how, err, want)
		}
		if hint := "to try a mirror first, in " + setting(s, "mirrors: [MIRROR]"); how == "429" && e.Hint() != hint {
			t.Errorf("%s: hint %q, want %q", how, e.Hint(), hint)
		}
	}
}

// TestTokenIsRejected has a registry that rejects its own tokens.
func TestTokenIsRejected(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true})
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Authorization")
		return false
	})
	err := get(t.Context(), newTransport(t, transport.Options{}), named(s, "acme/api", "v1"))
	var e *transport.Error
	if !errors.As(err, &e) || !e.Unauthorized() || s.Count("") > 5 {
		t.Errorf("%v after %q", err, s.Requests())
	}
}
