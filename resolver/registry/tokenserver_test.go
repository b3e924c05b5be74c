package registry_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// TestTokenServers has servers that give no token.
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
			host := httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
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
			_, err := newClient(t, registry.Options{}).Resolve(t.Context(), oci.Name{Host: host, Repository: "a", Tag: "v1"}, lockfile.Image, nil)
			var e *registry.Error
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
	tokens := httptestHost(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"token": "opensesame"}`) })
	host := httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer opensesame" {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="x"`, tokens))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.NotFound(w, r)
	})
	_, err := newClient(t, registry.Options{}).Resolve(t.Context(), oci.Name{Host: host, Repository: "a", Tag: "v1"}, lockfile.Image, nil)
	var e *registry.Error
	if !errors.As(err, &e) || !e.NotFound() {
		t.Errorf("got %v, want what the registry says to who has a token", err)
	}
}
