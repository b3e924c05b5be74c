package signatures

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Index returns the raw index that the tag of image means, by way of registry: nil
// if it has no tag, or the tag means no index or nothing. What it lists is not
// looked at.
func Index(ctx context.Context, registry http.RoundTripper, image oci.Name) ([]byte, error) {
	if image.Tag == "" {
		return nil, nil
	}
	repository, err := name.NewRepository(image.Repo(), name.Insecure) // the transport knows which scheme a host wants
	if err != nil {
		return nil, fmt.Errorf("index of %s: %w", image, err)
	}
	found, err := remote.Get(repository.Tag(image.Tag), fetching(ctx, registry)...)
	switch {
	case absent(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("index of %s: %w", image, err)
	case !found.MediaType.IsIndex():
		return nil, nil
	}
	return found.Manifest, nil
}

// fetching are the options of all that is fetched: once, as registry sees fit.
func fetching(ctx context.Context, registry http.RoundTripper) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithTransport(registry), remote.WithAuth(authn.Anonymous),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), remote.WithRetryStatusCodes()}
}
