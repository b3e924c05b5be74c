// Package chart resolves versions of Helm charts to archives: which versions a chart
// repository has, which of them a range means now, and what the archive of one holds.
//
// A repository is an HTTP(S) server with an index.yaml ("https://charts.example.org"), or
// a path of an OCI registry below which each chart is a repository of its own
// ("oci://ghcr.io/acme/charts").
//
// The digests that it returns are hashes of bytes that it read. A digest in an index is a
// claim: an archive that differs from it is rejected. Every read is bounded. Helm's cache
// is never read.
//
// A Client fetches each index, each list of tags and each archive at most once. An outcome
// holds for its life, failures included, unless the caller gave up.
package chart

import (
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strings"

	"github.com/plumb-dev/plumb/resolver/internal/once"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Name says which chart of which repository.
type Name struct {
	Repo  string // "https://charts.example.org" or "oci://ghcr.io/acme/charts"
	Chart string
}

// String returns the name as a lock has it: "https://charts.example.org#web".
func (n Name) String() string { return strings.TrimRight(n.Repo, "/") + "#" + n.Chart }

// Version is a version of a chart, as its repository lists it.
type Version struct {
	Version string // as written: "1.2.3", "v1.2.3+build"
	// URL is that of the archive, absolute; for an OCI registry
	// "oci://ghcr.io/acme/charts/web:1.2.3_build".
	URL string
	// Digest is what the index says the archive has, "" if it says nothing.
	Digest string
}

// Archive is a packed chart that was read.
type Archive struct {
	Digest  string // "sha256:", of the archive's bytes; for OCI of the chart's layer
	Content string // "h1:", of the chart's files: see package content
	// Name, Version and AppVersion are those of its Chart.yaml.
	Name, Version, AppVersion string
	Manifest                  string // digest of the OCI manifest, "" for HTTP
}

// Options configures a Client. The zero value is right for public repositories, and for
// those that `helm repo add`, `helm registry login` and `docker login` were run for.
type Options struct {
	// Registry reads from OCI registries. nil is one made of the other options, with the
	// credentials of Keychain.
	Registry *registry.Client
	// Transport sends the requests to HTTP repositories. nil is a transport that honours
	// HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.
	Transport http.RoundTripper
	// Hosts are settings of single hosts by name with its port, as plumb.yaml has them.
	// Mirrors are for OCI registries alone.
	Hosts map[string]registry.Host
	// Getenv reads the variables that say where credentials are; nil is os.Getenv.
	Getenv func(string) string
	// Concurrency is how many requests one host gets at once; 0 is 8.
	Concurrency int
	// UserAgent is the User-Agent field of requests; "" is "plumb".
	UserAgent string
	// Trace is told of each request that was sent to an HTTP repository, from many
	// goroutines at once. nil is told nothing.
	Trace func(transport.Exchange)
	// Keep is given each archive that was read and is a chart, with its digest, from many
	// goroutines at once. Its error is one of Fetch and Check. nil keeps none.
	Keep func(digest string, archive []byte) error
}

// Client reads from chart repositories. Its methods may be called from many goroutines at
// once.
type Client struct {
	sender   *sender
	registry *registry.Client
	indexes  once.Group[*index]    // by the repository's URL
	tags     once.Group[[]Version] // by the chart's OCI repository
	archives once.Group[archive]   // by URL
	keep     func(digest string, archive []byte) error
	unpacks  chan struct{} // one for each archive that is in memory unpacked
}

// New returns a Client. It reads no file and sends no request yet.
func New(o Options) (*Client, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	c := &Client{registry: o.Registry, sender: newSender(o), keep: o.Keep,
		unpacks: make(chan struct{}, runtime.GOMAXPROCS(0))}
	if c.registry == nil {
		var err error
		c.registry, err = registry.New(registry.Options{
			Transport: o.Transport, Hosts: o.Hosts, Concurrency: o.Concurrency,
			UserAgent: o.UserAgent, Trace: o.Trace, Keychain: Keychain(o.Getenv),
		})
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Close removes what the Client keeps on disk. The Client is not used afterwards.
func (c *Client) Close() error {
	var errs []error
	for _, x := range c.indexes.Values() {
		errs = append(errs, x.close())
	}
	c.sender.http.Close()
	return errors.Join(errs...)
}

// Versions returns the versions of a chart, the newest first (Semantic Versioning);
// equal ones are in the order of the index. Versions that are not semantic ones are left
// out, as Helm does. A chart that the repository does not have is a *NotFoundError.
func (c *Client) Versions(ctx context.Context, n Name) ([]Version, error) {
	if isOCI(n.Repo) {
		return c.ociVersions(ctx, n)
	}
	r, err := c.sender.repository(n.Repo)
	if err != nil {
		return nil, err
	}
	x, err := c.index(ctx, r)
	if err != nil {
		return nil, err
	}
	return x.versions(n, r)
}

// index returns the index of a repository, fetched once.
func (c *Client) index(ctx context.Context, r *repository) (*index, error) {
	return c.indexes.Do(ctx, r.key(), func() (*index, error) {
		return c.sender.index(ctx, r)
	})
}

// Fetch reads the archive of a version, which is one of those that Versions or Resolve
// returned for n. The archive must be a chart of that name and version. If the index has
// a digest of it and it is not the archive's, the error is a *ContentError.
func (c *Client) Fetch(ctx context.Context, n Name, v Version) (Archive, error) {
	a, err := c.archives.Do(ctx, n.key()+" "+v.URL, func() (archive, error) {
		return c.fetch(ctx, n, v)
	})
	if err != nil {
		return Archive{}, about(n, v, err)
	}
	return a.of(n, v)
}

// isOCI reports whether a repository is a path of an OCI registry.
func isOCI(repo string) bool { return strings.HasPrefix(repo, "oci://") }
