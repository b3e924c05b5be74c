package transport_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Response codes of DNS (RFC 1035, section 4.1.1).
const (
	serverFailure = 2
	nameError     = 3
)

// nameServer starts a DNS server that responds to everything with a code, and returns a
// dialer that uses it, and the number of lookups.
func nameServer(t *testing.T, code byte) (dialer *net.Dialer, count func() int) {
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
			reply := append([]byte(nil), message[:12]...)
			reply[2] |= 0x80            // a response
			reply[3] = 0x80 | code      // recursion is available
			reply[10], reply[11] = 0, 0 // no additional records
			reply = append(reply, question(message[12:n])...)
			_, _ = conn.WriteTo(reply, from)
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

// TestNamesThatDoNotResolve has a name that does not exist, and a name server that fails.
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
		dialer, lookups := nameServer(t, test.code)
		base := &http.Transport{DialContext: dialer.DialContext}
		c := newTransport(t, transport.Options{Base: base})
		err := get(t.Context(), c, oci.Name{Host: "registry.invalid", Repository: "a", Tag: "v1"})
		if want := "GET https://registry.invalid/v2/: " + test.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if !test.tried {
			once = lookups()
		} else if lookups() < 6 || once == 0 {
			t.Errorf("%d lookups, and %d for the name that does not exist", lookups(), once)
		}
	}
}

// TestUnknownAuthority has a certificate of an unknown authority, which is permanent: the
// request is sent once.
func TestUnknownAuthority(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{TLS: true})
	c := newTransport(t, transport.Options{})
	clock := doNotWait(c)
	err := get(t.Context(), c, named(s, "acme/api", "v1"))
	var e *transport.Error
	if !errors.As(err, &e) || e.Tries > 1 || len(clock.Slept()) != 0 || !strings.Contains(err.Error(), "x509: certificate signed by unknown authority") {
		t.Errorf("%v after waiting %v", err, clock.Slept())
	}
}
