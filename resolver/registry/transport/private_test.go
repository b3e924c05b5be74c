package transport_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// names are the addresses that a resolver has.
type names map[string]string

func (n names) lookup(_ context.Context, _, host string) ([]netip.Addr, error) {
	var found []netip.Addr
	for _, address := range strings.Fields(n[host]) {
		found = append(found, netip.MustParseAddr(address))
	}
	if found == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return found, nil
}

// through returns a Transport's Proxy that is always the same.
func through(proxy string) func(*http.Request) (*url.URL, error) {
	u, err := url.Parse(proxy)
	return func(*http.Request) (*url.URL, error) { return u, err }
}

// TestPrivateAddresses has registries, public and private, that direct requests to public
// and private addresses: by a redirect, and for tokens.
func TestPrivateAddresses(t *testing.T) {
	known := names{
		"public.test":   "203.0.113.1",
		"private.test":  "10.0.0.1",
		"both.test":     "203.0.113.1 fd00::1",
		"loop.test":     "127.0.0.1",
		"cdn.test":      "203.0.113.2 2001:db8::2",
		"metadata.test": "169.254.169.254",
	}
	tests := []struct {
		from, to string
		refused  string // what the error says; "" for none
	}{
		{"public.test", "cdn.test", ""},
		{"public.test", "198.51.100.7", ""},
		{"public.test", "100.128.0.1", ""},
		{"public.test", "172.32.0.1", ""},
		{"public.test", "[2001:db8::7]", ""},
		{"public.test", "unknown.test", ""}, // nothing can be sent there
		{"public.test", "public.test:8080", ""},
		{"public.test", "private.test", "private.test (private address 10.0.0.1)"},
		{"public.test", "both.test", "both.test (private address fd00::1)"},
		{"public.test", "loop.test", "loop.test (private address 127.0.0.1)"},
		{"public.test", "metadata.test", "metadata.test (private address 169.254.169.254)"},
		{"public.test", "10.1.2.3", "private address 10.1.2.3"},
		{"public.test", "172.16.0.1:8080", "private address 172.16.0.1"},
		{"public.test", "192.168.1.1", "private address 192.168.1.1"},
		{"public.test", "127.0.0.1:1", "private address 127.0.0.1"},
		{"public.test", "169.254.169.254", "private address 169.254.169.254"},
		{"public.test", "0.0.0.0", "private address 0.0.0.0"},
		{"public.test", "0.1.2.3", "private address 0.1.2.3"},
		{"public.test", "100.64.0.1", "private address 100.64.0.1"},
		{"public.test", "[::1]", "private address ::1"},
		{"public.test", "[fd00:ec2::254]", "private address fd00:ec2::254"},
		{"public.test", "[fe80::1]", "private address fe80::1"},
		{"public.test", "[::]", "private address ::"},
		{"public.test", "[::ffff:10.0.0.1]", "private address 10.0.0.1"},
		{"public.test", "[64:ff9b::a9fe:a9fe]", "private address 64:ff9b::a9fe:a9fe"},
		{"public.test", "[64:ff9b::a00:1%25lo]", "private address 64:ff9b::a00:1%lo"},
		{"unknown.test", "10.1.2.3", "private address 10.1.2.3"},
		{"private.test", "10.1.2.3", ""},
		{"private.test", "loop.test", ""},
		{"private.test", "cdn.test", ""},
		{"10.9.9.9:5000", "private.test", ""},
		{"127.0.0.1:5000", "192.168.1.1", ""},
		{"private.test", "metadata.test", "metadata.test (private address 169.254.169.254)"},
		{"10.9.9.9:5000", "[fe80::1]", "private address fe80::1"},
	}
	for _, way := range []string{"redirect", "token"} {
		for _, test := range tests {
			t.Run(way+"/"+test.from+"/"+test.to, func(t *testing.T) {
				s, reached := directingRegistry(t, way, test.to)
				base := &http.Transport{DialContext: dialTo(s.Host())}
				c := newTransport(t, transport.Options{Base: base, Hosts: map[string]transport.HostOptions{test.from: {PlainHTTP: true}}})
				c.LookupIP = known.lookup
				defer base.CloseIdleConnections()
				err := get(t.Context(), c, oci.Name{Host: test.from, Repository: "acme/api", Tag: "v1"})
				if test.refused == "" && (err != nil || !*reached) {
					t.Errorf("reached %v, %v", *reached, err)
				}
				want := "refused: " + test.from + " directs requests to " + test.refused
				if test.refused != "" && (*reached || err == nil || !strings.HasSuffix(err.Error(), ": "+want)) {
					t.Errorf("reached %v, %v, want %s", *reached, err, want)
				}
			})
		}
	}
}

// directingRegistry starts a registry that directs requests for manifests or for tokens to
// another host, and records whether one arrived there. It is both hosts.
func directingRegistry(t *testing.T, way, to string) (s *registrytest.Server, reached *bool) {
	s = registrytest.New(t, registrytest.Options{})
	s.PushImage("acme/api", "v1", 1)
	reached = new(bool)
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Host == to:
			*reached = true
			fmt.Fprint(w, map[string]string{"redirect": "", "token": `{"token":"good"}`}[way])
			return way == "token"
		case way == "redirect" && strings.Contains(r.URL.Path, "/manifests/"):
			return registrytest.RedirectTo("http://"+to+r.URL.Path)(w, r)
		case way == "token" && r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="x"`, to))
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return false
	})
	return s, reached
}

// TestPrivateAddressesBehindAProxy leaves names to a proxy, which may resolve them to
// other addresses. Addresses are checked.
func TestPrivateAddressesBehindAProxy(t *testing.T) {
	for to, refused := range map[string]bool{"inside.test": false, "10.0.0.1": true} {
		s, reached := directingRegistry(t, "redirect", to)
		base := &http.Transport{Proxy: through("http://" + s.Host())}
		c := newTransport(t, transport.Options{Base: base, Hosts: map[string]transport.HostOptions{"public.test": {PlainHTTP: true}}})
		c.LookupIP = names{"inside.test": "10.0.0.1", "public.test": "203.0.113.1"}.lookup
		err := get(t.Context(), c, oci.Name{Host: "public.test", Repository: "acme/api", Tag: "v1"})
		if (err != nil) != refused || *reached == refused {
			t.Errorf("%s: reached %v, %v", to, *reached, err)
		}
		base.CloseIdleConnections()
	}
}
