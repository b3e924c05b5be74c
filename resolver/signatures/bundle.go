package signatures

import (
	"context"
	"fmt"
	"io"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/verify/signature"
)

// bundleType is what the media types of sigstore bundles of all versions begin
// with, as an artifact's type and as a layer's.
const bundleType = "application/vnd.dev.sigstore.bundle"

// bundles fetches the sigstore bundles among the image's referrers (OCI
// distribution-spec, "Listing Referrers").
func (f *finder) bundles(ctx context.Context) ([]signature.Evidence, error) {
	index, err := remote.Referrers(f.digest(), f.remotes...)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var candidates []v1.Descriptor
	for _, d := range manifest.Manifests {
		if isBundle(d) {
			candidates = append(candidates, d)
		}
	}
	if len(candidates) > MaxEvidence {
		return nil, tooMany(len(candidates), f.digest())
	}
	found := make([]signature.Evidence, len(candidates))
	group, _ := errgroup.WithContext(ctx)
	for i, d := range candidates {
		group.Go(func() (err error) {
			found[i].Bundle, err = f.bundle(d)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return present(found), nil
}

// emptyType is the config type of artifacts without a config (OCI image-spec, "Guidance
// for an Empty Descriptor"). Some registries return it as the artifact's type.
const emptyType = "application/vnd.oci.empty.v1+json"

// isBundle reports whether a referrer may be a bundle. In a fallback tag that is
// maintained by hand the type may be missing.
func isBundle(d v1.Descriptor) bool {
	unknown := d.ArtifactType == "" || d.ArtifactType == emptyType
	return d.MediaType == types.OCIManifestSchema1 &&
		(unknown || strings.HasPrefix(d.ArtifactType, bundleType))
}

// bundle fetches the bundle that a referrer consists of; nil if it is none, or is gone
// since the referrers were listed.
func (f *finder) bundle(d v1.Descriptor) ([]byte, error) {
	image, err := remote.Image(f.within.Digest(d.Digest.String()), f.remotes...)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, err
	}
	if len(layers) != 1 {
		return nil, nil
	}
	t, err := layers[0].MediaType()
	if err != nil || !strings.HasPrefix(string(t), bundleType) {
		return nil, err
	}
	size, err := layers[0].Size()
	if err != nil {
		return nil, err
	}
	if size > signature.MaxEvidence {
		return nil, fmt.Errorf("bundle %s: %d bytes, more than the limit of %d",
			d.Digest, size, signature.MaxEvidence)
	}
	r, err := layers[0].Compressed() // the bytes that the digest is of, which is checked
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
