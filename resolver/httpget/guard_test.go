package httpget

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// TestGuard has where servers may and may not direct requests.
func TestGuard(t *testing.T) {
	addresses := map[string]string{
		"charts.example.org": "192.0.2.1", "cdn.example.org": "198.51.100.1",
		"internal.example.org": "10.0.0.1", "other.internal": "192.168.1.1",
		"metadata.example.org": "169.254.169.254", "local.example.org": "127.0.0.1",
		"carrier.example.org": "100.64.0.1", "six.example.org": "fd00::1",
		"nat64.example.org": "64:ff9b::a00:1", "mapped.example.org": "::ffff:10.0.0.1",
		"zero.example.org": "0.1.2.3", "public6.example.org": "2001:db8::1",
	}
	s := New(Options{})
	s.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
		a, ok := addresses[host]
		if !ok {
			return nil, errors.New("no such host")
		}
		return []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr(a)}, nil
	}
	at := func(text string) *url.URL {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for home, tt := range map[string]struct{ allowed, refused []string }{
		"charts.example.org": {
			[]string{"cdn.example.org", "public6.example.org", "unknown.example.org", "203.0.113.7"},
			[]string{
				"internal.example.org", "metadata.example.org", "local.example.org", "carrier.example.org",
				"six.example.org", "nat64.example.org", "mapped.example.org", "zero.example.org",
				"10.1.2.3", "127.0.0.1", "169.254.169.254", "[::1]", "[::]", "[fe80::1%25eth0]",
			},
		},
		"internal.example.org": {
			[]string{"cdn.example.org", "other.internal", "local.example.org", "10.1.2.3"},
			[]string{"metadata.example.org", "169.254.169.254", "zero.example.org", "[fe80::1]"},
		},
	} {
		for _, host := range tt.allowed {
			if err := s.CheckDirect(t.Context(), "repository", at("https://"+home), at("https://"+host+"/x")); err != nil {
				t.Errorf("%s to %s: %v", home, host, err)
			}
		}
		for _, host := range tt.refused {
			var refused *RefusedError
			err := s.CheckDirect(t.Context(), "repository", at("https://"+home), at("oci://"+host+"/x:1"))
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), home) {
				t.Errorf("%s to %s: %v, want it to be refused", home, host, err)
			}
		}
	}
}
