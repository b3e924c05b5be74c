package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Exists asks whether what the digest of a name stands for can still be pulled:
// whether its manifest is there and, of each of the platforms that has a config,
// the manifest, the config and the layers. nil is yes. The registry is asked for each,
// by HEAD where it allows that; what they consist of may come from the cache, as a
// digest's meaning does not change.
//
// The error is an *Error, whose NotFound says that something is gone, which its
// URL names, unless the name or the configuration is at fault.
func (c *Client) Exists(ctx context.Context, name oci.Name, platforms []lockfile.Platform) error {
	if name.Digest == "" {
		return errors.New("the name has no digest")
	}
	ref, places, err := c.locate(name)
	if err != nil {
		return err
	}
	_, err = first(ctx, places, func(ctx context.Context, p place) (struct{}, error) {
		return struct{}{}, p.exists(ctx, p.repo, ref, platforms)
	})
	return err
}

func (h *host) exists(ctx context.Context, repo, digest string, platforms []lockfile.Platform) error {
	group, ctx := errgroup.WithContext(ctx)
	if len(platforms) == 0 || platforms[0].Manifest != digest {
		group.Go(func() error { return h.there(ctx, repo, "/manifests/"+digest) })
	}
	for _, p := range platforms {
		if p.Config != "" {
			group.Go(func() error { return h.pullable(ctx, repo, p.Manifest) })
		}
	}
	return group.Wait()
}

// pullable asks for a manifest and all that it consists of.
func (h *host) pullable(ctx context.Context, repo, digest string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.there(ctx, repo, "/manifests/"+digest) })
	group.Go(func() error {
		blobs, err := h.blobs(ctx, repo, digest)
		if err != nil {
			return err
		}
		for _, blob := range blobs {
			group.Go(func() error { return h.there(ctx, repo, "/blobs/"+blob) })
		}
		return nil
	})
	return group.Wait()
}

// blobs lists what a manifest consists of and its registry keeps.
func (h *host) blobs(ctx context.Context, repo, digest string) ([]string, error) {
	d, err := h.manifest(ctx, repo, digest)
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(d)
	if err == nil {
		err = m.checkConfig()
	}
	var layers []struct {
		Digest string   `json:"digest"`
		URLs   []string `json:"urls"` // of layers that are kept elsewhere, as Windows' once were
	}
	if err == nil && m.Layers != nil {
		err = json.Unmarshal(m.Layers, &layers)
	}
	if err != nil {
		return nil, h.bad(d.at, err)
	}
	blobs := []string{m.Config.Digest}
	for _, l := range layers {
		if !lockfile.ValidDigest(l.Digest) {
			return nil, h.bad(d.at, fmt.Errorf("the digest %q of a layer is no sha256 digest", line(l.Digest)))
		}
		if len(l.URLs) == 0 {
			blobs = append(blobs, l.Digest)
		}
	}
	return blobs, nil
}

// there asks, once, whether a manifest or blob of a repository is there.
func (h *host) there(ctx context.Context, repo, rest string) error {
	_, err := h.found.get(ctx, repo+rest, nil, func(ctx context.Context) (struct{}, error) {
		resp, at, err := h.ask(ctx, http.MethodHead, repo, rest, acceptManifests)
		if err == nil && resp.StatusCode == http.StatusMethodNotAllowed {
			drain(resp)
			resp, at, err = h.ask(ctx, http.MethodGet, repo, rest, acceptManifests)
		}
		if err != nil {
			return struct{}{}, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return struct{}{}, h.statusError(resp, resp.Request.Method, redact(at))
		}
		return struct{}{}, nil
	})
	return err
}
