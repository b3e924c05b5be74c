package registry

import (
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Options configures a Client. The zero value is right for public registries and for
// those that `docker login` was run for.
type Options struct {
	// Transport sends the requests. nil is a transport that honours
	// HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.
	Transport http.RoundTripper
	// Keychain has the credentials, for each repository. nil is that of
	// docker and podman: see package keychain.
	Keychain authn.Keychain
	// CacheDir is a folder for content that was read by digest, so that
	// it is never fetched again; it is created for this user only. Tags
	// are not kept there. "" keeps nothing.
	CacheDir string
	// Hosts are settings of single hosts, by canonical name with its port:
	// "docker.io", "registry.example.com:5000".
	Hosts map[string]Host
	// Concurrency is how many requests one host gets at once; 0 is 8.
	Concurrency int
	// UserAgent is the User-Agent field of requests; "" is "plumb".
	UserAgent string
	// Trace is told of each request that was sent, and of content that was taken from the
	// cache instead, from many goroutines at once. nil is told nothing.
	Trace func(transport.Exchange)
}

// Host is the settings of a registry's host.
type Host struct {
	// PlainHTTP is for a registry that has no TLS. Hosts that are this
	// machine by name (localhost, 127.0.0.0/8, ::1) do not need it: they
	// get HTTPS requests and, if they have no TLS, HTTP requests.
	PlainHTTP bool
	// CAFile is a PEM file of authorities to trust besides the system's.
	CAFile string
	// Concurrency is as in Options, for this host; 0 is Options.Concurrency.
	Concurrency int
	// Mirrors are tried in their order before the host itself, each as
	// "host[:port][/prefix]" with a prefix for its repositories. The
	// settings of a mirror are those of its own host.
	Mirrors []string
	// Timeout is how long one request may take, to the last byte of its
	// response; 0 is 20 s. A request that times out is retried once.
	Timeout time.Duration
}
