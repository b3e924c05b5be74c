package registry_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// TestErrorText shows what a registry may say, and what of it is repeated.
func TestErrorText(t *testing.T) {
	tests := []struct {
		status     int
		body, want string
	}{
		{401, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":"secret"}]}`, "401 UNAUTHORIZED: authentication required"},
		{429, `{"errors":[{"code":"TOOMANYREQUESTS"}]}`, "429 TOOMANYREQUESTS (tried 6 times)"},
		{500, `{"errors":[]}`, "500 Internal Server Error (tried 6 times)"},
		{502, "<html>", "502 Bad Gateway (tried 6 times)"},
		{501, "<html>", "501 Not Implemented"},
		{403, `{"errors":[{"code":"DENIED","message":"no\u001b[31m\r\nway\u202e"}]}`, "403 DENIED: no[31m  way"},
		{403, `{"errors":[{"code":"DENIED","message":"` + strings.Repeat("é", 1000) + `"}]}`, "403 DENIED: " + strings.Repeat("é", 200) + "…"},
	}
	for _, test := range tests {
		name := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(test.status)
			io.WriteString(w, test.body)
		})
		_, err := newClient(t, registry.Options{}).Resolve(t.Context(), name, lockfile.Image, nil)
		if want := "GET http://" + name.Host + "/v2/acme/api/manifests/v1: " + test.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestHostIsDeadForAll asks a host that greets with an error for many names: one
// greeting, tried as often as any request, is enough.
func TestHostIsDeadForAll(t *testing.T) {
	for _, status := range []int{500, 503, 429, 404} {
		n := 0
		s := httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			w.WriteHeader(status)
		})
		c := newClient(t, registry.Options{})
		for i := range 3 {
			_, err := c.Resolve(t.Context(), oci.Name{Host: s, Repository: "a", Tag: fmt.Sprint(i)}, lockfile.Image, nil)
			var e *registry.Error
			if !errors.As(err, &e) || e.Status != status {
				t.Errorf("got %v, want %d", err, status)
			}
		}
		want := 6
		if status == 404 {
			want = 4 // such a host may still serve manifests
		}
		if n != want {
			t.Errorf("%d: %d requests, want %d", status, n, want)
		}
	}
}
