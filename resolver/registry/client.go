// Package registry resolves OCI names to content: which digest a tag refers to now, and
// which manifests and configs an image consists of.
//
// A digest that it returns is the hash of bytes that it read. The digest header of a
// registry is a claim: Head returns it as a hint, and Resolve rejects a response whose
// header differs from its content. Every read is bounded: a manifest or a config has at
// most 4 MiB.
//
// Requests go through resolver/registry/transport, which adds credentials, limits and
// retries. A host's mirrors are tried before it, and content that was read by digest
// can be kept for ever.
package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/internal/memo"
	"github.com/plumb-dev/plumb/resolver/registry/keychain"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Error is what fails at a registry: see transport.Error.
type Error = transport.Error

// CredentialsError says that the credentials for a host could not be read: see
// transport.CredentialsError.
type CredentialsError = transport.CredentialsError

// Client reads from registries. Its methods may be called from many goroutines at once.
type Client struct {
	transport *transport.Transport
	kept      cache
	mirrors   map[string][]mirror // by host

	contents memo.Group[Content]
	heads    memo.Group[string]
	children memo.Group[child]    // by repository and manifest digest
	tags     memo.Group[[]string] // by repository
	found    memo.Group[struct{}] // by repository and what of it exists
}

// Content is what a name refers to.
type Content struct {
	Digest    string // of the bytes that the name refers to
	MediaType string // of these bytes
	// Platforms lists an image's platforms, sorted as in a lock. It is nil
	// for content that is not a container image.
	Platforms []lockfile.Platform
}

// New returns a Client. It fails if a CA file cannot be read or a mirror is malformed.
func New(options Options) (*Client, error) {
	if options.Keychain == nil {
		options.Keychain = keychain.New(os.Getenv)
	}
	c := &Client{kept: cache{dir: options.CacheDir, trace: options.Trace},
		mirrors: make(map[string][]mirror)}
	c.found.Reuse = func(_ struct{}, err error, _ time.Time) bool {
		return err == nil || isNotFound(err)
	}
	c.children.Reuse = func(_ child, err error, _ time.Time) bool { return err == nil }
	settings := make(map[string]transport.HostOptions)
	for name, h := range options.Hosts {
		settings[name] = transport.HostOptions{
			PlainHTTP:   h.PlainHTTP,
			CAFile:      h.CAFile,
			Concurrency: h.Concurrency,
			Timeout:     h.Timeout,
		}
		for _, text := range h.Mirrors {
			m, err := parseMirror(text)
			if err != nil {
				return nil, fmt.Errorf("registry %s: %w", name, err)
			}
			c.mirrors[name] = append(c.mirrors[name], m)
		}
	}
	var err error
	c.transport, err = transport.New(transport.Options{
		Base: options.Transport, Keychain: options.Keychain, Hosts: settings,
		Concurrency: options.Concurrency, UserAgent: options.UserAgent, Trace: options.Trace,
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Close closes the connections that are not in use, and the cache. The Client may still be
// used.
func (c *Client) Close() {
	c.transport.Close()
	c.kept.close()
}

// isNotFound reports whether err says that a registry does not have the content.
func isNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.NotFound()
}

// Resolve returns what a name refers to now: the content of its digest if it has one,
// else that of its tag, which is "latest" by default.
//
// Of an image (lockfile.Image) it lists all platforms, and fetches the config digests
// of those in platforms ("linux/arm64", which is also linux/arm64/v8). An image without
// an index has the one platform that its config names. Children of an index without a
// platform (attestations, signatures) are left out. Content that is not a container
// image is returned without platforms, and so is every lockfile.Artifact.
//
// The error is an *Error unless the name or the configuration is at fault. Callers that
// resolve the same name at the same time share one result.
func (c *Client) Resolve(
	ctx context.Context, name oci.Name, kind lockfile.Kind, platforms []string,
) (Content, error) {
	if kind != lockfile.Image && kind != lockfile.Artifact {
		return Content{}, fmt.Errorf("a registry has no inputs of kind %q", kind)
	}
	s, ref, err := c.locate(name)
	if err != nil {
		return Content{}, err
	}
	key := strings.Join(append([]string{string(kind), name.Repo(), ref}, platforms...), " ")
	content, err := c.contents.Do(ctx, key, nil, func(ctx context.Context) (Content, error) {
		return s.resolve(ctx, ref, kind, platforms)
	})
	content.Platforms = append([]lockfile.Platform(nil), content.Platforms...) // it is shared
	return content, err
}

// Head returns the digest that the registry claims for a name, without fetching
// the content. It is a hint and proves nothing: "" means that the registry does not
// say. The error is as for Resolve.
func (c *Client) Head(ctx context.Context, name oci.Name) (digest string, err error) {
	s, ref, err := c.locate(name)
	if err != nil {
		return "", err
	}
	return c.heads.Do(ctx, name.Repo()+" "+ref, nil, func(ctx context.Context) (string, error) {
		return tryPlaces(ctx, s, func(p place) (string, error) { return p.head(ctx, ref) })
	})
}

// locate returns where the content of a name is, and its tag or digest.
func (c *Client) locate(n oci.Name) (s *source, ref string, err error) {
	switch {
	case n.Digest != "" && !lockfile.ValidDigest(n.Digest):
		return nil, "", fmt.Errorf("%s: not a sha256 digest, the only kind that a lock holds",
			n.Digest)
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
