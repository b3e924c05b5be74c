// Package registry resolves OCI names to content: which digest a tag stands for
// now, and which manifests and configs an image consists of.
//
// What it returns as a digest is the hash of bytes that it read. The digest
// header of a registry is a claim: Head returns it as a hint, and Resolve
// refuses an answer whose header differs from its content. Nothing of unbounded
// length is read: a manifest or a config has at most 4 MiB.
//
// A Client asks each host once what credentials it demands (GET /v2/), gets one
// token for each repository and again when it has expired, and shares
// connections among all. A request that fails in a way that passes is sent again,
// a few times and further and further apart; a host that asks to be left alone for
// up to a minute is. A host that does not answer at all, or whose allowance is
// used up, is not asked again as long as the Client lives. A host's mirrors are
// asked before it.
package registry

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Options configures a Client. The zero value is right for public registries and
// those that `docker login` was run for.
type Options struct {
	// Transport sends the requests. nil is one that honours HTTPS_PROXY,
	// NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.
	Transport http.RoundTripper
	// Keychain knows the credentials. nil is one of the files in which docker and
	// podman keep them, and of the helpers that these name: REGISTRY_AUTH_FILE,
	// docker's config.json, podman's auth.json.
	Keychain authn.Keychain
	// Hosts says what is special about a host, by its canonical name with
	// its port: "docker.io", "registry.example.com:5000".
	Hosts map[string]Host
	// CacheDir is a folder for content that was read by its digest, which is
	// not asked for again, whichever process did. "" is none. What a tag means
	// is never kept.
	CacheDir string
	// Concurrency is how many requests are under way at once for each
	// host; 0 is 8.
	Concurrency int
	// UserAgent is what the client calls itself; "" is "plumb".
	UserAgent string
}

// Host is what is special about a registry's host.
type Host struct {
	// PlainHTTP is for a registry that has no TLS. Hosts that are this
	// machine by name (localhost, 127.0.0.0/8, ::1) need it not: they are
	// spoken to in HTTPS and, if they do not understand that, in HTTP.
	PlainHTTP bool
	// CAFile is a PEM file of authorities to trust besides the system's.
	CAFile string
	// Concurrency is as in Options, for this host; 0 is what is said there.
	Concurrency int
	// Mirrors are asked before the host, in their order, for tags as well: each
	// is a host, perhaps with a port and a path under which the host's
	// repositories lie, "mirror.example.com:5000/dockerhub". What is special
	// about a mirror is said of it as of any other host.
	Mirrors []string
	// Timeout is how long one request may take, to the last byte of its
	// answer; 0 is 20 s. One that took too long is sent once more.
	Timeout time.Duration
}

// defaultConcurrency is how many requests a host gets at once unless told
// otherwise.
const defaultConcurrency = 8

// Client asks registries. Its methods may be called from many goroutines at
// once.
type Client struct {
	options    Options
	transports map[string]http.RoundTripper // of hosts with a CA file; "" is all others'
	cache      *contentCache                // nil if there is none
	clock      clock
	lookup     func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu    sync.Mutex
	hosts map[string]*host

	contents memo[Content]
	heads    memo[string]
}

// Content is what a name stands for.
type Content struct {
	Digest    string // of the bytes that the name stands for
	MediaType string // of these bytes
	// Platforms lists an image's platforms, sorted as in a lock. It is nil
	// for what is no container image.
	Platforms []lockfile.Platform
}

// New returns a Client. It reads the CA files, and fails if one cannot be read.
func New(options Options) (*Client, error) {
	if options.Keychain == nil {
		options.Keychain = newFileKeychain(os.Getenv)
	}
	if options.Concurrency <= 0 {
		options.Concurrency = defaultConcurrency
	}
	if options.UserAgent == "" {
		options.UserAgent = "plumb"
	}
	c := &Client{options: options, cache: newContentCache(options.CacheDir), clock: wallClock, lookup: net.DefaultResolver.LookupNetIP, hosts: make(map[string]*host)}
	if c.options.Transport == nil {
		c.options.Transport = newTransport(options)
	}
	c.transports = map[string]http.RoundTripper{"": c.options.Transport}
	for name, h := range options.Hosts {
		if h.CAFile == "" {
			continue
		}
		t, err := trusting(c.options.Transport, h.CAFile)
		if err != nil {
			return nil, fmt.Errorf("registry %s: %w", name, err)
		}
		c.transports[name] = t
	}
	return c, nil
}

// Close drops the connections that are not in use. The Client may still be used.
func (c *Client) Close() {
	for _, t := range c.transports {
		if t, ok := t.(*http.Transport); ok {
			t.CloseIdleConnections()
		}
	}
}

// Resolve returns what a name stands for now: the content of its digest if it
// has one, else what its tag names, which is "latest" where there is none.
//
// Of an image (lockfile.Image) it lists all platforms, and fetches the config
// digests of those in platforms ("linux/arm64", which is also linux/arm64/v8). An
// image without an index has the one platform that its config tells. Children of
// an index that are for no platform (attestations, signatures) are left out. What
// turns out to be no container image is returned without platforms, and so is
// each lockfile.Artifact.
//
// The error is an *Error unless the name or the configuration is at fault.
// Callers who ask the same at the same time share one answer.
func (c *Client) Resolve(ctx context.Context, name oci.Name, kind lockfile.Kind, platforms []string) (Content, error) {
	if kind != lockfile.Image && kind != lockfile.Artifact {
		return Content{}, fmt.Errorf("a registry knows no input of kind %q", kind)
	}
	ref, places, err := c.locate(name)
	if err != nil {
		return Content{}, err
	}
	key := strings.Join(append([]string{string(kind), name.Repo(), ref}, platforms...), " ")
	content, err := c.contents.get(ctx, key, nil, func(ctx context.Context) (Content, error) {
		return first(ctx, places, func(ctx context.Context, p place) (Content, error) {
			return p.resolve(ctx, p.repo, ref, kind, platforms)
		})
	})
	content.Platforms = append([]lockfile.Platform(nil), content.Platforms...) // it is shared
	return content, err
}

// Head returns the digest that the registry claims for a name, without fetching
// the content. It is a hint and proves nothing: "" means that the registry does
// not tell. The error is as for Resolve.
func (c *Client) Head(ctx context.Context, name oci.Name) (digest string, err error) {
	ref, places, err := c.locate(name)
	if err != nil {
		return "", err
	}
	return c.heads.get(ctx, name.Repo()+" "+ref, nil, func(ctx context.Context) (string, error) {
		return first(ctx, places, func(ctx context.Context, p place) (string, error) { return p.head(ctx, p.repo, ref) })
	})
}

// locate returns the tag or digest that a name is asked for by, and where.
func (c *Client) locate(n oci.Name) (ref string, places []place, err error) {
	if ref, err = refOf(n); err != nil {
		return "", nil, err
	}
	places, err = c.places(n)
	return ref, places, err
}

// host returns what is known of a host.
func (c *Client) host(name string) (*host, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.hosts[name]; h != nil {
		return h, nil
	}
	special := c.options.Hosts[name]
	h, err := newHost(name, c.options.Keychain, special.PlainHTTP)
	if err != nil {
		return nil, err
	}
	h.cache = c.cache
	h.once, h.client = c.clients(h, special)
	c.hosts[name] = h
	return h, nil
}
