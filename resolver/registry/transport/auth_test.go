package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
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

// TestNoCredentialsOverPlainHTTP: a host that plumb.yaml has as one without TLS gets no
// credentials, unless it is this machine.
func TestNoCredentialsOverPlainHTTP(t *testing.T) {
	for _, token := range []bool{false, true} {
		s := registrytest.New(t, registrytest.Options{Token: token, Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		var authorized atomic.Bool
		s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Authorization") != "" {
				authorized.Store(true)
			}
			return false
		})
		base := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Host())
		}}
		for host, sent := range map[string]bool{s.Host(): true, "localhost:5000": true, "registry.test": false, "127.0.0.1.example": false} {
			t.Run(fmt.Sprintf("token=%v/%s", token, host), func(t *testing.T) {
				c := newTransport(t, transport.Options{Base: base, Keychain: keys{host, "ann", "secret"},
					Hosts: map[string]transport.HostOptions{host: {PlainHTTP: true}}})
				name := named(s, "acme/api", "v1")
				name.Host = host
				err := get(t.Context(), c, name)
				var e *transport.Error
				switch {
				case sent && err != nil:
					t.Error(err)
				case !sent && !errors.As(err, &e):
					t.Errorf("credentials were sent: %v", err)
				case !sent && !token && (!e.Unauthorized() || !strings.HasPrefix(e.Hint(), "no credentials are sent over plain HTTP")):
					t.Errorf("%v, hint %q", e, e.Hint())
				}
				if got := authorized.Swap(false); got != sent {
					t.Errorf("a request had an Authorization: %t, want %t", got, sent)
				}
			})
		}
	}
}
