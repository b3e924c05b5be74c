package registry_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// Response codes of DNS (RFC 1035, section 4.1.1).
const (
	serverFailure = 2
	nameError     = 3
)

// nameServer starts a DNS server that answers everything with a code, and returns
// a dialer that asks it, and how many names were asked for.
func nameServer(t *testing.T, code byte) (dialer *net.Dialer, asked func() int) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var mu sync.Mutex
	lookups := 0
	go func() {
		for message := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(message)
			if err != nil {
				return
			}
			mu.Lock()
			lookups++
			mu.Unlock()
			answer := append([]byte(nil), message[:12]...)
			answer[2] |= 0x80             // it is an answer
			answer[3] = 0x80 | code       // recursion is available
			answer[10], answer[11] = 0, 0 // no additional records
			answer = append(answer, question(message[12:n])...)
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	return &net.Dialer{Resolver: resolver}, func() int {
		mu.Lock()
		defer mu.Unlock()
		return lookups
	}
}

// question returns the one question that a message's rest begins with: labels to
// an empty one, type and class.
func question(rest []byte) []byte {
	end := 0
	for rest[end] != 0 {
		end += int(rest[end]) + 1
	}
	return rest[:end+5]
}

// TestNamesThatDoNotResolve has a name that there is not, and a name server that
// cannot tell.
func TestNamesThatDoNotResolve(t *testing.T) {
	tests := []struct {
		code  byte
		want  string
		tried bool
	}{
		{nameError, "name registry.invalid does not resolve: no such host", false},
		{serverFailure, "looking up registry.invalid: server misbehaving (tried 6 times)", true},
	}
	var once int
	for _, test := range tests {
		dialer, asked := nameServer(t, test.code)
		transport := &http.Transport{DialContext: dialer.DialContext}
		c := newClient(t, registry.Options{Transport: transport})
		_, err := c.Resolve(t.Context(), oci.Name{Host: "registry.invalid", Repository: "a", Tag: "v1"}, lockfile.Image, nil)
		if want := "GET https://registry.invalid/v2/: " + test.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if !test.tried {
			once = asked()
		} else if asked() < 6 || once == 0 {
			t.Errorf("asked %d times, and %d for what is not there", asked(), once)
		}
	}
}

// TestUnknownAuthority asks a registry with a certificate that nobody vouches for.
// That does not pass: it is tried once.
func TestUnknownAuthority(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{TLS: true})
	c := newClient(t, registry.Options{})
	clock := c.DoNotWait()
	_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
	var e *registry.Error
	if !errors.As(err, &e) || e.Tries > 1 || len(clock.Slept()) != 0 || !strings.Contains(err.Error(), "x509: certificate signed by unknown authority") {
		t.Errorf("%v after waiting %v", err, clock.Slept())
	}
}

// TestProxyIsAway names the proxy, not the registry, as what cannot be reached.
func TestProxyIsAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	proxy := "http://" + listener.Addr().String()
	c := newClient(t, registry.Options{Transport: &http.Transport{Proxy: through(proxy)}})
	_, err = c.Resolve(t.Context(), oci.Name{Host: "registry.test", Repository: "a", Tag: "v1"}, lockfile.Image, nil)
	want := "GET https://registry.test/v2/: the configured proxy: connection refused by " + listener.Addr().String() + " (tried 2 times)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
