package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
)

// resolve reads what ref names and, of an image, what it consists of.
func (s *source) resolve(ctx context.Context, ref string, kind lockfile.Kind, asked []string) (Content, error) {
	d, m, err := s.manifest(ctx, ref)
	if err != nil {
		return Content{}, err
	}
	c := Content{Digest: d.digest, MediaType: m.MediaType}
	switch {
	case kind != lockfile.Image:
	case isIndex(m.MediaType):
		c.Platforms, err = s.indexed(ctx, d, m, asked)
	case isManifest(m.MediaType):
		c.Platforms, err = s.single(ctx, d, m)
	}
	if err != nil {
		return Content{}, err
	}
	return c, nil
}

// indexed returns the platforms of an index, and the configs of those asked for.
func (s *source) indexed(ctx context.Context, d document, m manifest, asked []string) ([]lockfile.Platform, error) {
	list, err := listed(m.Manifests)
	if err != nil {
		return nil, d.bad(err)
	}
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i := range list {
		if isAsked(asked, list[i].Platform) {
			wg.Go(func() { list[i].Config, errs[i] = s.config(ctx, list[i].Manifest) })
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
func (s *source) config(ctx context.Context, digest string) (string, error) {
	return s.client.configs.get(ctx, s.name+"@"+digest, nil, func(ctx context.Context) (string, error) {
		d, m, err := s.manifest(ctx, digest)
		if err != nil {
			return "", err
		}
		if err := m.checkConfig(); err != nil {
			return "", d.bad(err)
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
func (s *source) single(ctx context.Context, d document, m manifest) ([]lockfile.Platform, error) {
	if m.Config != nil && !isImageConfig(m.Config.MediaType) {
		return nil, nil
	}
	if err := m.checkConfig(); err != nil {
		return nil, d.bad(err)
	}
	config, err := s.blob(ctx, m.Config.Digest)
	if err != nil {
		return nil, err
	}
	var p platform
	if err := json.Unmarshal(config.body, &p); err != nil {
		return nil, config.bad(fmt.Errorf("it is no image config: %w", err))
	}
	if !p.runnable() {
		return nil, nil
	}
	name, err := p.name()
	if err != nil {
		return nil, config.bad(err)
	}
	return []lockfile.Platform{{Platform: name, Manifest: d.digest, Config: m.Config.Digest}}, nil
}
