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
// asked before it, and what was read by digest can be kept for ever.
package registry

import (
	"context"
	"errors"
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
	// Keychain knows the credentials, for each repository. nil is where
	// docker and podman keep them: the file that REGISTRY_AUTH_FILE names,
	// DOCKER_AUTH_CONFIG, docker's config.json, podman's auth.json; with
	// the programs (docker-credential-*) that these name.
	Keychain authn.Keychain
	// CacheDir is a folder for content that was read by digest, so that
	// it is never asked for again; it is made if need be, for this user
	// only. What a tag means is not kept there. "" keeps nothing.
	CacheDir string
	// Hosts says what is special about a host, by its canonical name with
	// its port: "docker.io", "registry.example.com:5000".
	Hosts map[string]Host
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
	// Mirrors are asked in their order before the host itself, each as
	// "host[:port][/prefix]" with a prefix for its repositories. What is
	// special about a mirror stands under its own host.
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
	clock      clock
	lookup     func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu    sync.Mutex
	hosts map[string]*host

	kept     cache
	mirrors  map[string][]mirror // by host
	contents memo[Content]
	heads    memo[string]
	configs  memo[string]   // by repository and manifest digest
	tags     memo[[]string] // by repository
	found    memo[struct{}] // by repository and what of it was asked about
}

// Content is what a name stands for.
type Content struct {
	Digest    string // of the bytes that the name stands for
	MediaType string // of these bytes
	// Platforms lists an image's platforms, sorted as in a lock. It is nil
	// for what is no container image.
	Platforms []lockfile.Platform
}

// New returns a Client. It reads the CA files, and fails if one cannot be read or
// a mirror is written in another way than it should.
func New(options Options) (*Client, error) {
	if options.Keychain == nil {
		options.Keychain = newKeychain(os.Getenv)
	}
	if options.Concurrency <= 0 {
		options.Concurrency = defaultConcurrency
	}
	if options.UserAgent == "" {
		options.UserAgent = "plumb"
	}
	c := &Client{
		options: options, clock: wallClock, lookup: net.DefaultResolver.LookupNetIP, hosts: make(map[string]*host),
		kept: cache{options.CacheDir}, mirrors: make(map[string][]mirror),
	}
	c.found.reuse = func(_ struct{}, err error, _ time.Time) bool {
		var e *Error
		return err == nil || errors.As(err, &e) && e.NotFound()
	}
	c.configs.reuse = func(_ string, err error, _ time.Time) bool { return err == nil }
	if c.options.Transport == nil {
		c.options.Transport = newTransport(options)
	}
	c.transports = map[string]http.RoundTripper{"": c.options.Transport}
	for name, h := range options.Hosts {
		for _, text := range h.Mirrors {
			m, err := parseMirror(text)
			if err != nil {
				return nil, fmt.Errorf("registry %s: %w", name, err)
			}
			c.mirrors[name] = append(c.mirrors[name], m)
		}
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
	s, ref, err := c.locate(name)
	if err != nil {
		return Content{}, err
	}
	key := strings.Join(append([]string{string(kind), name.Repo(), ref}, platforms...), " ")
	content, err := c.contents.get(ctx, key, nil, func(ctx context.Context) (Content, error) {
		return s.resolve(ctx, ref, kind, platforms)
	})
	content.Platforms = append([]lockfile.Platform(nil), content.Platforms...) // it is shared
	return content, err
}

// Head returns the digest that the registry claims for a name, without fetching
// the content. It is a hint and proves nothing: "" means that the registry does
// not tell. The error is as for Resolve.
func (c *Client) Head(ctx context.Context, name oci.Name) (digest string, err error) {
	s, ref, err := c.locate(name)
	if err != nil {
		return "", err
	}
	return c.heads.get(ctx, name.Repo()+" "+ref, nil, func(ctx context.Context) (string, error) {
		return askPlaces(ctx, s, func(p place) (string, error) { return p.host.head(ctx, p.repo, ref) })
	})
}

// locate returns where the content of a name is asked for, and its tag or digest.
func (c *Client) locate(n oci.Name) (s *source, ref string, err error) {
	switch {
	case n.Digest != "" && !lockfile.ValidDigest(n.Digest):
		return nil, "", fmt.Errorf("%s is no sha256 digest, and a lock holds no other", n.Digest)
	case n.Digest != "":
		ref = n.Digest
	case n.Tag != "":
		ref = n.Tag
	default:
		ref = "latest"
	}
	s, err = c.source(n)
	return s, ref, err
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
	h.once, h.client = c.clients(h, special)
	c.hosts[name] = h
	return h, nil
}
