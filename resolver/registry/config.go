package registry

import (
	"context"
	"fmt"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// Config returns the raw config of an image in the repository of name, by the config's
// digest, which the bytes are checked to have. The error is as for Resolve.
func (c *Client) Config(ctx context.Context, name oci.Name, digest string) ([]byte, error) {
	if !lockfile.ValidDigest(digest) {
		return nil, fmt.Errorf("%q: not a sha256 digest", sanitize.Line(digest))
	}
	s, err := c.source(name)
	if err != nil {
		return nil, err
	}
	d, err := s.blob(ctx, digest)
	return d.body, err
}
