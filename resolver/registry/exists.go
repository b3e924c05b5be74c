package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Exists checks whether the content of a name's digest can still be pulled, and returns
// nil if so: its manifest and, of each of the given platforms that has a config, the
// manifest, the config and the layers. Without such a platform, a manifest is checked
// with all that it consists of.
//
// Each of these is requested once per repository by HEAD, and by GET where HEAD does not
// say that it is there: only GET decides that it is gone. The cache only says what a manifest consists of. Layers that are elsewhere (those
// with urls) are not checked.
//
// Where something is gone the error is or wraps an *Error whose NotFound is true, even
// where another check failed, and says what. The error is as for Resolve otherwise.
func (c *Client) Exists(ctx context.Context, name oci.Name, platforms []lockfile.Platform) error {
	if name.Digest == "" {
		return errors.New("no digest in the name")
	}
	s, digest, err := c.locate(name)
	if err != nil {
		return err
	}
	var checks []check
	top := check{digest: digest}
	for _, p := range platforms {
		if p.Config == "" {
			continue
		}
		checks = append(checks, check{p.Platform, p.Manifest, p.Config})
		if p.Manifest == digest {
			top.digest = "" // it is checked with this platform
		}
	}
	return runChecks(len(checks)+1, func(i int) error {
		switch {
		case i > 0:
			return s.complete(ctx, checks[i-1])
		case len(checks) == 0:
			return s.complete(ctx, top)
		case top.digest == "":
			return nil
		}
		return s.manifestExists(ctx, digest)
	})
}

// check is of a manifest and what it consists of.
type check struct {
	platform string // "" if unknown
	digest   string
	config   string // digest, "" if unknown
}

// maxChecks is how many checks of one manifest, or one name, run at once.
const maxChecks = 16

// runChecks runs n checks, many at once, and returns the first error that says that
// something is gone, else the first of all.
func runChecks(n int, do func(i int) error) error {
	errs := make([]error, n)
	var group errgroup.Group
	group.SetLimit(maxChecks)
	for i := range n {
		group.Go(func() error {
			errs[i] = do(i)
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
	var first error
	for _, err := range errs {
		if isNotFound(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// complete checks that a manifest exists, and all that it consists of.
func (s *source) complete(ctx context.Context, c check) error {
	about := func(what string, err error) error {
		switch {
		case err == nil:
			return nil
		case c.platform == "":
			return fmt.Errorf("%s: %w", what, err)
		}
		return fmt.Errorf("%s of %s: %w", what, c.platform, err)
	}
	d, m, ok := s.keptManifest(c.digest)
	var err error
	if ok {
		err = s.manifestExists(ctx, c.digest)
	} else {
		d, m, err = s.freshManifest(ctx, c.digest)
	}
	if err != nil {
		return about("manifest", err)
	}
	if isIndex(m.MediaType) && c.config == "" {
		return nil
	}
	blobs, err := m.blobs(c.config)
	if err != nil {
		return about("manifest", d.invalid(err))
	}
	return runChecks(len(blobs), func(i int) error {
		return about(blobs[i].what, s.blobExists(ctx, blobs[i].descriptor))
	})
}

// part is a blob that a manifest consists of.
type part struct {
	what string
	descriptor
}

// plainDigest is a digest that runtimes accept.
var plainDigest = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`)
})

// blobs returns what a manifest consists of, as far as its registry has it. config is
// the digest that its config must have, "" for any.
func (m *manifest) blobs(config string) ([]part, error) {
	var parts []part
	switch {
	case m.Config == nil && config != "":
		return nil, m.checkConfig()
	case m.Config != nil && config != "" && m.Config.Digest != config:
		return nil, fmt.Errorf("its config is %s, not %s as in the lock",
			sanitize.Line(m.Config.Digest), config)
	case m.Config != nil:
		parts = append(parts, part{"config", *m.Config})
	}
	for _, list := range []json.RawMessage{m.Layers, m.Blobs} {
		var layers []descriptor
		if list == nil {
			continue
		}
		if err := json.Unmarshal(list, &layers); err != nil {
			return nil, fmt.Errorf("invalid list of layers: %w", err)
		}
		for _, l := range layers {
			if len(l.URLs) == 0 {
				parts = append(parts, part{"layer", l})
			}
		}
	}
	for _, p := range parts {
		if !plainDigest().MatchString(p.Digest) {
			return nil, fmt.Errorf("invalid digest %q of its %s", sanitize.Line(p.Digest), p.what)
		}
	}
	return parts, nil
}

// manifestExists checks, once, that a manifest exists.
func (s *source) manifestExists(ctx context.Context, digest string) error {
	return s.exists(ctx, "/manifests/"+digest, func(ctx context.Context, p place) error {
		claimed, err := p.head(ctx, digest)
		switch {
		case err == nil && claimed == digest:
			return nil
		case err != nil && !mayGet(err):
			return err
		}
		// HEAD failed, or named no digest or another one.
		_, err = p.manifest(ctx, digest)
		return err
	})
}

// blobExists checks, once, that a blob exists.
func (s *source) blobExists(ctx context.Context, d descriptor) error {
	return s.exists(ctx, "/blobs/"+d.Digest, func(ctx context.Context, p place) error {
		return p.blobExists(ctx, d)
	})
}

func (s *source) exists(
	ctx context.Context, what string, do func(context.Context, place) error,
) error {
	_, err := s.client.found.Do(ctx, s.name+what, nil, func(ctx context.Context) (struct{}, error) {
		return tryPlaces(ctx, s, func(p place) (struct{}, error) { return struct{}{}, do(ctx, p) })
	})
	return err
}

// blobExists sends HEAD and, where that fails or gives another length than the blob has,
// GET. The content of a short blob is then checked, of others the length.
func (p place) blobExists(ctx context.Context, d descriptor) error {
	path := "/blobs/" + d.Digest
	resp, err := p.send(ctx, http.MethodHead, path, "")
	if err == nil && resp.StatusCode != http.StatusOK {
		err = resp.StatusError()
	}
	switch {
	case err == nil && (d.Size <= 0 || resp.ContentLength == d.Size):
		return nil
	case err != nil && !mayGet(err):
		return err
	}
	if d.Size <= transport.MaxBody && lockfile.ValidDigest(d.Digest) {
		_, err := p.blob(ctx, d.Digest)
		return err
	}
	if resp, err = p.get(ctx, path, ""); err != nil {
		return err
	}
	if resp.ContentLength >= 0 && resp.ContentLength != d.Size {
		return resp.Invalid(
			fmt.Errorf("the response has %d bytes, not %d", resp.ContentLength, d.Size))
	}
	return nil
}
