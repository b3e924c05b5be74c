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
)

// Exists asks whether what the digest of a name stands for can still be pulled, and
// returns nil if so: its manifest and, of each of the given platforms that has a
// config, the manifest, the config and the layers. Without such a platform, what is
// no index is asked for with all that it consists of.
//
// The registry is asked about each of these, by HEAD where it answers that, once
// for a repository; never the cache, which only tells what a manifest consists of.
// Layers that are kept elsewhere (those with urls) are not asked for.
//
// Where something is gone the error is or wraps an *Error whose NotFound is true,
// and says what, also where something else could not be asked about. The error is
// as for Resolve otherwise.
func (c *Client) Exists(ctx context.Context, name oci.Name, platforms []lockfile.Platform) error {
	if name.Digest == "" {
		return errors.New("the name has no digest")
	}
	s, digest, err := c.locate(name)
	if err != nil {
		return err
	}
	var questions []question
	top := question{digest: digest}
	for _, p := range platforms {
		if p.Config == "" {
			continue
		}
		questions = append(questions, question{p.Platform, p.Manifest, p.Config})
		if p.Manifest == digest {
			top.digest = "" // it is asked for with this platform
		}
	}
	return worst(len(questions)+1, func(i int) error {
		switch {
		case i > 0:
			return s.whole(ctx, questions[i-1])
		case len(questions) == 0:
			return s.whole(ctx, top)
		case top.digest == "":
			return nil
		}
		return s.manifestThere(ctx, digest)
	})
}

// question is about a manifest and what it consists of.
type question struct {
	platform string // "" if unknown
	digest   string
	config   string // digest, "" if unknown
}

// maxAsking is how many questions about one manifest, or one name, wait for their
// turn at once.
const maxAsking = 16

// worst asks n questions, many at once, and returns the first error that says that
// something is gone, else the first of all.
func worst(n int, do func(i int) error) error {
	errs := make([]error, n)
	var group errgroup.Group
	group.SetLimit(maxAsking)
	for i := range n {
		group.Go(func() error {
			errs[i] = do(i)
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
	var first error
	for _, err := range errs {
		var e *Error
		if errors.As(err, &e) && e.NotFound() {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// whole asks whether a manifest is there, and what it consists of.
func (s *source) whole(ctx context.Context, q question) error {
	about := func(what string, err error) error {
		switch {
		case err == nil:
			return nil
		case q.platform == "":
			return fmt.Errorf("%s: %w", what, err)
		}
		return fmt.Errorf("%s of %s: %w", what, q.platform, err)
	}
	d, m, ok := s.keptManifest(q.digest)
	var err error
	if ok {
		err = s.manifestThere(ctx, q.digest)
	} else {
		d, m, err = s.freshManifest(ctx, q.digest)
	}
	if err != nil {
		return about("manifest", err)
	}
	if isIndex(m.MediaType) && q.config == "" {
		return nil
	}
	blobs, err := m.blobs(q.config)
	if err != nil {
		return about("manifest", d.bad(err))
	}
	return worst(len(blobs), func(i int) error {
		return about(blobs[i].what, s.blobThere(ctx, blobs[i].descriptor))
	})
}

// part is a blob that a manifest consists of.
type part struct {
	what string
	descriptor
}

// plainDigest is a digest that runtimes take.
var plainDigest = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`)
})

// blobs returns what a manifest consists of, as far as its registry keeps it. config
// is the digest that its config must have, "" for any.
func (m *manifest) blobs(config string) ([]part, error) {
	var parts []part
	switch {
	case m.Config == nil && config != "":
		return nil, m.checkConfig()
	case m.Config != nil && config != "" && m.Config.Digest != config:
		return nil, fmt.Errorf("its config is %s, and not %s as the lock has it", line(m.Config.Digest), config)
	case m.Config != nil:
		parts = append(parts, part{"config", *m.Config})
	}
	for _, list := range []json.RawMessage{m.Layers, m.Blobs} {
		var layers []descriptor
		if list == nil {
			continue
		}
		if err := json.Unmarshal(list, &layers); err != nil {
			return nil, fmt.Errorf("its layers are no list of blobs: %w", err)
		}
		for _, l := range layers {
			if len(l.URLs) == 0 {
				parts = append(parts, part{"layer", l})
			}
		}
	}
	for _, p := range parts {
		if !plainDigest().MatchString(p.Digest) {
			return nil, fmt.Errorf("the digest %q of its %s is none that could be pulled", line(p.Digest), p.what)
		}
	}
	return parts, nil
}

// manifestThere asks, once, whether there is a manifest.
func (s *source) manifestThere(ctx context.Context, digest string) error {
	return s.there(ctx, "/manifests/"+digest, func(ctx context.Context, p place) error {
		claimed, err := p.host.head(ctx, p.repo, digest)
		if err != nil || claimed == digest {
			return err
		}
		// It was refused or tells nothing, or of something else.
		_, err = p.host.manifest(ctx, p.repo, digest)
		return err
	})
}

// blobThere asks, once, whether there is a blob.
func (s *source) blobThere(ctx context.Context, d descriptor) error {
	return s.there(ctx, "/blobs/"+d.Digest, func(ctx context.Context, p place) error {
		return p.host.blobThere(ctx, p.repo, d)
	})
}

func (s *source) there(ctx context.Context, what string, do func(context.Context, place) error) error {
	_, err := s.client.found.get(ctx, s.name+what, nil, func(ctx context.Context) (struct{}, error) {
		return askPlaces(ctx, s, func(p place) (struct{}, error) { return struct{}{}, do(ctx, p) })
	})
	return err
}

// blobThere asks by HEAD and, where that is refused or answered with another length
// than the blob has, by GET. A blob that is not too long to be read then has to be
// what it should, of others the length counts.
func (h *host) blobThere(ctx context.Context, repo string, d descriptor) error {
	rest := "/blobs/" + d.Digest
	resp, at, err := h.ask(ctx, http.MethodHead, repo, rest, "")
	if err != nil {
		return err
	}
	drain(resp)
	switch {
	case resp.StatusCode == http.StatusOK && (d.Size <= 0 || resp.ContentLength == d.Size):
		return nil
	case resp.StatusCode != http.StatusOK && !headRefused(resp.StatusCode):
		return h.statusError(resp, http.MethodHead, at)
	}
	if d.Size <= maxConfig && lockfile.ValidDigest(d.Digest) {
		_, err := h.blob(ctx, repo, d.Digest)
		return err
	}
	if resp, at, err = h.ask(ctx, http.MethodGet, repo, rest, ""); err != nil {
		return err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return h.statusError(resp, http.MethodGet, at)
	}
	if resp.ContentLength >= 0 && resp.ContentLength != d.Size {
		return h.bad(at, fmt.Errorf("it has %d bytes, not %d", resp.ContentLength, d.Size))
	}
	return nil
}
