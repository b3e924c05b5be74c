package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
)

// resolve reads what ref names in repo and, of an image, what it consists of.
func (h *host) resolve(ctx context.Context, repo, ref string, kind lockfile.Kind, asked []string) (Content, error) {
	d, err := h.manifest(ctx, repo, ref)
	if err != nil {
		return Content{}, err
	}
	m, err := parseManifest(d)
	if err != nil {
		return Content{}, h.bad(d.at, err)
	}
	c := Content{Digest: d.digest, MediaType: m.MediaType}
	switch {
	case kind != lockfile.Image:
	case isIndex(m.MediaType):
		c.Platforms, err = h.indexed(ctx, repo, d, m, asked)
	case isManifest(m.MediaType):
		c.Platforms, err = h.single(ctx, repo, d, m)
	}
	if err != nil {
		return Content{}, err
	}
	return c, nil
}

// indexed returns the platforms of an index, and the configs of those asked for.
func (h *host) indexed(ctx context.Context, repo string, d document, m manifest, asked []string) ([]lockfile.Platform, error) {
	list, err := listed(m.Manifests)
	if err != nil {
		return nil, h.bad(d.at, err)
	}
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i := range list {
		if isAsked(asked, list[i].Platform) {
			wg.Go(func() { list[i].Config, errs[i] = h.config(ctx, repo, list[i].Manifest) })
		}
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// config returns the digest of the config of the manifest that has the digest
// given. It is asked for once, as it cannot change.
func (h *host) config(ctx context.Context, repo, digest string) (string, error) {
	return h.configs.get(ctx, repo+"@"+digest, nil, func(ctx context.Context) (string, error) {
		d, err := h.manifest(ctx, repo, digest)
		if err != nil {
			return "", err
		}
		m, err := parseManifest(d)
		if err == nil {
			err = m.checkConfig()
		}
		if err != nil {
			return "", h.bad(d.at, err)
		}
		return m.Config.Digest, nil
	})
}

func (m *manifest) checkConfig() error {
	switch {
	case !isManifest(m.MediaType):
		return fmt.Errorf("it is no manifest but %s", m.MediaType)
	case m.Config == nil:
		return fmt.Errorf("it has no config")
	case !lockfile.ValidDigest(m.Config.Digest):
		return fmt.Errorf("its config's digest %q is no sha256 digest", line(m.Config.Digest))
	}
	return nil
}

// single returns the one platform of a manifest that stands for itself, as its
// config tells it. There is none where the config is no image's, or tells none:
// kubelet mounts such artifacts as volumes, shims run such modules, and they are
// to be pinned like anything else.
func (h *host) single(ctx context.Context, repo string, d document, m manifest) ([]lockfile.Platform, error) {
	if m.Config != nil && !isImageConfig(m.Config.MediaType) {
		return nil, nil
	}
	if err := m.checkConfig(); err != nil {
		return nil, h.bad(d.at, err)
	}
	body, at, err := h.blob(ctx, repo, m.Config.Digest)
	if err != nil {
		return nil, err
	}
	var p platform
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, h.bad(at, fmt.Errorf("it is no image config: %w", err))
	}
	if !p.runnable() {
		return nil, nil
	}
	name, err := p.name()
	if err != nil {
		return nil, h.bad(at, err)
	}
	return []lockfile.Platform{{Platform: name, Manifest: d.digest, Config: m.Config.Digest}}, nil
}
