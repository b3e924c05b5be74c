package transport_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/registry/transport"
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
		err := get(t.Context(), newTransport(t, transport.Options{}), name)
		if want := "GET http://" + name.Host + "/v2/acme/api/manifests/v1: " + test.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
