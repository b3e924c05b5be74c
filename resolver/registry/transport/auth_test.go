package transport_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// TestUnauthorized has, for each kind of challenge, right credentials, wrong ones and
// none.
func TestUnauthorized(t *testing.T) {
	for _, token := range []bool{false, true} {
		s := registrytest.New(t, registrytest.Options{Token: token, Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		tests := map[string]struct {
			keys authn.Keychain
			ok   bool
		}{
			"right":        {keys{s.Host(), "ann", "secret"}, true},
			"wrong":        {keys{s.Host(), "ann", "guess"}, false},
			"another's":    {keys{"example.com", "ann", "secret"}, false},
			"none":         {nil, false},
			"unreadable":   {brokenKeys{}, false},
			"without name": {keys{s.Host(), "", "secret"}, false},
		}
		for name, test := range tests {
			t.Run(fmt.Sprintf("token=%v/%s", token, name), func(t *testing.T) {
				s.Reset()
				c := newTransport(t, transport.Options{Keychain: test.keys})
				err := get(t.Context(), c, named(s, "acme/api", "v1"))
				if test.ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if n := s.Count(""); n > 2 {
					t.Errorf("%d requests to be refused: %q", n, s.Requests())
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error tells the password: %v", err)
				}
				var e *transport.Error
				if name == "unreadable" {
					var c *transport.CredentialsError
					if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "reading the credentials for "+s.Host()) ||
						!errors.As(err, &c) || !strings.HasSuffix(c.Hint(), ": docker login "+s.Host()) {
						t.Errorf("got %v", err)
					}
					return
				}
				if !errors.As(err, &e) || !e.Unauthorized() || e.NotFound() || e.Hint() != "to log in: docker login "+s.Host() {
					t.Errorf("got %#v", err)
				}
				if want := ": 401 UNAUTHORIZED: authentication required"; err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			})
		}
	}
}

var errBroken = errors.New("the keychain is broken")

type brokenKeys struct{}

func (brokenKeys) Resolve(authn.Resource) (authn.Authenticator, error) { return nil, errBroken }
