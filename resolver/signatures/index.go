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

// Index fetches the raw index that the tag of image refers to, through registry: nil if
// image has no tag, or the tag does not exist or refers to something else. The index's
// content is not checked.
func Index(ctx context.Context, registry http.RoundTripper, image oci.Name) ([]byte, error) {
	if image.Tag == "" {
		return nil, nil
	}
	// Insecure, as registry decides which scheme a host has.
	repository, err := name.NewRepository(image.Repo(), name.Insecure)
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

// fetching returns the options of all requests: each is sent once, as registry retries.
func fetching(ctx context.Context, registry http.RoundTripper) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithTransport(registry),
		remote.WithAuth(authn.Anonymous), remote.WithRetryBackoff(remote.Backoff{Steps: 1}),
		remote.WithRetryStatusCodes()}
}
