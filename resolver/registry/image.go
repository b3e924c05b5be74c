package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// resolve reads what ref refers to and, of an image, what it consists of.
func (s *source) resolve(
	ctx context.Context, ref string, kind lockfile.Kind, wanted []string,
) (Content, error) {
	d, m, err := s.manifest(ctx, ref)
	if err != nil {
		return Content{}, err
	}
	c := Content{Digest: d.digest, MediaType: m.MediaType}
	switch {
	case kind != lockfile.Image:
	case isIndex(m.MediaType):
		c.Platforms, err = s.indexPlatforms(ctx, d, m, wanted)
	case isManifest(m.MediaType):
		c.Platforms, err = s.manifestPlatform(ctx, d, m)
	}
	if err != nil {
		return Content{}, err
	}
	return c, nil
}

// indexPlatforms returns the platforms of an index, and the configs of those wanted. What
// the index says of a manifest that is read must be so: runtimes refuse it otherwise.
func (s *source) indexPlatforms(
	ctx context.Context, d document, m manifest, wanted []string,
) ([]lockfile.Platform, error) {
	if len(m.Manifests) == 0 {
		return nil, d.invalid(errors.New("an index without any manifest"))
	}
	list, err := listPlatforms(m.Manifests)
	if err != nil {
		return nil, d.invalid(err)
	}
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i := range list {
		if !isWanted(wanted, list[i].Platform) {
			continue
		}
		wg.Go(func() {
			c, err := s.child(ctx, list[i].Manifest)
			if err == nil {
				err = c.checkDescriptors(d, m.Manifests, list[i].Manifest)
			}
			list[i].Config, errs[i] = c.config, err
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// child is what is known of a manifest that an index lists.
type child struct {
	config    string // digest
	mediaType string
	size      int64 // bytes
}

// child reads the manifest with the given digest. It is fetched once, as it cannot change.
func (s *source) child(ctx context.Context, digest string) (child, error) {
	fetch := func(ctx context.Context) (child, error) {
		d, m, err := s.manifest(ctx, digest)
		if err != nil {
			return child{}, err
		}
		if err := m.checkConfig(); err != nil {
			return child{}, d.invalid(err)
		}
		return child{m.Config.Digest, m.MediaType, int64(len(d.body))}, nil
	}
	return s.client.children.Do(ctx, s.name+"@"+digest, nil, fetch)
}

// checkDescriptors compares what an index says of a manifest with the manifest. A size or
// media type that is not given is no claim.
func (c child) checkDescriptors(index document, all []descriptor, digest string) error {
	for _, claim := range all {
		switch {
		case claim.Digest != digest:
		case claim.Size != 0 && claim.Size != c.size:
			return index.invalid(fmt.Errorf("the index says that %s has %d bytes; it has %d",
				digest, claim.Size, c.size))
		case claim.MediaType != "" && claim.MediaType != c.mediaType:
			return index.invalid(fmt.Errorf("the index says that %s is %s; it is %s", digest,
				sanitize.Line(claim.MediaType), c.mediaType))
		}
	}
	return nil
}

func (m *manifest) checkConfig() error {
	switch {
	case !isManifest(m.MediaType):
		return fmt.Errorf("not a manifest but %s", m.MediaType)
	case m.Config == nil:
		return errors.New("no config in the manifest")
	case !lockfile.ValidDigest(m.Config.Digest):
		return fmt.Errorf("config digest %q: not a sha256 digest", sanitize.Line(m.Config.Digest))
	}
	return nil
}

// manifestPlatform returns the one platform of a manifest without an index, as its
// config names it. There is none where the config is not an image's, or names none:
// kubelet mounts such artifacts as volumes, shims run such modules, and they are pinned
// like anything else.
func (s *source) manifestPlatform(
	ctx context.Context, d document, m manifest,
) ([]lockfile.Platform, error) {
	if m.Config != nil && !isImageConfig(m.Config.MediaType) {
		return nil, nil
	}
	if err := m.checkConfig(); err != nil {
		return nil, d.invalid(err)
	}
	config, err := s.blob(ctx, m.Config.Digest)
	if err != nil {
		return nil, err
	}
	var p platform
	if err := json.Unmarshal(config.body, &p); err != nil {
		return nil, config.invalid(fmt.Errorf("not an image config: %w", err))
	}
	if !p.runnable() {
		return nil, nil
	}
	name, err := p.name()
	if err != nil {
		return nil, config.invalid(err)
	}
	return []lockfile.Platform{{Platform: name, Manifest: d.digest, Config: m.Config.Digest}}, nil
}
