// Package transport sends requests to registries: with credentials, limits on
// concurrency, time and length, retries, and checks of where a registry redirects to.
//
// A Transport pings each host once for the credentials that it demands (GET /v2/), gets
// one token per repository and another when it expires, and shares connections. A
// transient failure is retried a few times with growing pauses, and a host that asks
// for a pause of up to a minute gets it. A host that does not respond at all, or whose
// rate limit is exceeded, gets no more requests while the Transport lives.
package transport

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// MaxBody is how many bytes of a response's body are accepted. A registry need not
// take a longer manifest (OCI distribution-spec, "Pushing manifests"), and no image
// config comes near it.
const MaxBody = 4 << 20

// Options configures a Transport. The zero value has no credentials.
type Options struct {
	// Base sends the requests. nil is a transport that honours HTTPS_PROXY,
	// NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.
	Base http.RoundTripper
	// Keychain has the credentials. nil has none.
	Keychain authn.Keychain
	// Hosts are settings of single hosts, by canonical name with its port:
	// "docker.io", "registry.example.com:5000".
	Hosts map[string]HostOptions
	// Concurrency is how many requests one host gets at once; 0 is 8.
	Concurrency int
	// UserAgent is the User-Agent field of requests; "" is "plumb".
	UserAgent string
	// Trace is told of each request that was sent, redirects, tokens and further tries
	// among them, from many goroutines at once. nil is told nothing.
	Trace func(Exchange)
}

// HostOptions are the settings of one host.
type HostOptions struct {
	PlainHTTP   bool          // it has no TLS
	CAFile      string        // PEM file of authorities to trust besides the system's
	Concurrency int           // 0 is Options.Concurrency
	Timeout     time.Duration // of one request, to the last byte of its response; 0 is 20 s
}

// Transport sends requests to registries. Its methods may be called from many
// goroutines at once.
type Transport struct {
	// Clock is how the Transport waits. Tests set it before the first request.
	Clock Clock
	// LookupIP resolves names to check where a registry redirects to. Tests set
	// it before the first request.
	LookupIP func(ctx context.Context, network, host string) ([]netip.Addr, error)

	options Options
	bases   map[string]http.RoundTripper // of hosts with a CA file; "" is all others'

	mu    sync.Mutex
	hosts map[string]*Host
}

// defaultConcurrency is how many requests one host gets at once by default.
const defaultConcurrency = 8

// New returns a Transport. It fails if a CA file cannot be read.
func New(options Options) (*Transport, error) {
	if options.Concurrency <= 0 {
		options.Concurrency = defaultConcurrency
	}
	options.UserAgent = cmp.Or(options.UserAgent, "plumb")
	if options.Keychain == nil {
		options.Keychain = authn.NewMultiKeychain()
	}
	if options.Base == nil {
		options.Base = newBase(options)
	}
	t := &Transport{
		Clock: wallClock, LookupIP: net.DefaultResolver.LookupNetIP, options: options,
		bases: map[string]http.RoundTripper{"": options.Base}, hosts: make(map[string]*Host),
	}
	for name, h := range options.Hosts {
		if h.CAFile == "" {
			continue
		}
		base, err := withCAFile(options.Base, h.CAFile)
		if err != nil {
			return nil, fmt.Errorf("registry %s: %w", name, err)
		}
		t.bases[name] = base
	}
	return t, nil
}

// Host returns a host by its canonical name. Nothing is sent to it yet.
func (t *Transport) Host(name string) (*Host, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.hosts[name]; h != nil {
		return h, nil
	}
	settings := t.options.Hosts[name]
	h, err := newHost(name, t.options.Keychain, settings.PlainHTTP)
	if err != nil {
		return nil, err
	}
	h.once, h.client = t.clients(h, settings)
	t.hosts[name] = h
	return h, nil
}

// Close closes the connections that are not in use. The Transport may still be used.
func (t *Transport) Close() {
	for _, base := range t.bases {
		if base, ok := base.(*http.Transport); ok {
			base.CloseIdleConnections()
		}
	}
}
