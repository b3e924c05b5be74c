// Package signatures fetches the signatures and attestations of an image from registries:
// sigstore bundles by OCI referrers or their fallback tag, and the older .sig and .att
// tags. What it returns is evidence that is not verified yet.
package signatures

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	cosign "github.com/sigstore/cosign/v2/pkg/oci/remote"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify/signature"
)

// MaxEvidence is how many signatures and attestations an image may have in one
// place. Where there are more, anyone who can push may have put them there.
const MaxEvidence = 256

// Source is where an image's signatures are, if not beside it, and which of them are
// fetched.
type Source struct {
	Repository string // "registry.example.com/signatures", "" for the image's own
	TagPrefix  string // of the older format's tags
	Forms      Forms  // none stands for all of them
}

// Forms is a set of forms in which signatures are stored. Other forms are not requested.
type Forms int

// The forms. The zero value of Forms means all of them.
const (
	Bundles      Forms = 1 << iota // sigstore bundles that refer to the image
	Signatures                     // the older format's .sig tag
	Attestations                   // the older format's .att tag

	allForms = Bundles | Signatures | Attestations
)

// finder fetches from one place.
type finder struct {
	image   v1.Hash
	within  name.Repository
	remotes []remote.Option
	cosigns []cosign.Option
}

// Find returns what the sources have about image, which has a digest, in the order of its
// stored form and each once. Without sources it fetches what is beside the image. All
// requests run at once, through registry (see registry.Client.RoundTripper). Find fails
// if any request fails, even if something was found; the error is a *registry.Error where
// a registry is at fault.
func Find(
	ctx context.Context, registry http.RoundTripper, image oci.Name, sources ...Source,
) ([]signature.Evidence, error) {
	if len(sources) == 0 {
		sources = []Source{{}}
	}
	digest, err := v1.NewHash(image.Digest)
	if err != nil {
		return nil, fmt.Errorf("finding signatures of %s: %w", image, err)
	}
	parts := make([][]signature.Evidence, 3*len(sources))
	group, ctx := errgroup.WithContext(ctx)
	for i, source := range sources {
		f, err := newFinder(ctx, registry, image, digest, source)
		if err != nil {
			return nil, err
		}
		finds := []func(context.Context) ([]signature.Evidence, error){
			f.bundles, f.signatures, f.attestations}
		for j, find := range finds {
			if cmp.Or(source.Forms, allForms)&(1<<j) == 0 {
				continue
			}
			group.Go(func() (err error) {
				parts[3*i+j], err = find(ctx)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("finding signatures of %s: %w", image, err)
	}
	return sorted(slices.Concat(parts...)), nil
}

func newFinder(
	ctx context.Context, registry http.RoundTripper, image oci.Name, digest v1.Hash, source Source,
) (*finder, error) {
	at := image.Repo()
	if source.Repository != "" {
		at = source.Repository
	}
	repository, err := name.NewRepository(at, name.Insecure) // registry decides the scheme
	if err != nil {
		return nil, fmt.Errorf("signatures in %q: %w", at, err)
	}
	f := &finder{image: digest, within: repository}
	f.remotes = fetching(ctx, registry)
	f.cosigns = []cosign.Option{cosign.WithRemoteOptions(f.remotes...),
		cosign.WithPrefix(source.TagPrefix), cosign.WithTargetRepository(repository)}
	return f, nil
}

// signatures fetches the .sig tag.
func (f *finder) signatures(context.Context) ([]signature.Evidence, error) {
	tag, err := cosign.SignatureTag(f.digest(), f.cosigns...)
	if err != nil {
		return nil, err
	}
	return f.legacy(tag, signature.MediaTypeSimpleSigning)
}

// attestations fetches the .att tag.
func (f *finder) attestations(context.Context) ([]signature.Evidence, error) {
	tag, err := cosign.AttestationTag(f.digest(), f.cosigns...)
	if err != nil {
		return nil, err
	}
	return f.legacy(tag, signature.MediaTypeDSSE)
}

func (f *finder) digest() name.Digest { return f.within.Digest(f.image.String()) }

// tooMany is the error of a place with more signatures than plumb reads.
func tooMany(n int, at name.Reference) error {
	return fmt.Errorf("%s: %d signatures, more than the limit of %d", at, n, MaxEvidence)
}

// absent reports whether a registry says that there is no such content.
func absent(err error) bool {
	var e *transport.Error
	return errors.As(err, &e) && e.StatusCode == http.StatusNotFound
}

// sorted returns evidence in the order of its stored form, each once, so that the result
// is always the same.
func sorted(all []signature.Evidence) []signature.Evidence {
	type item struct {
		evidence signature.Evidence
		text     string
	}
	items := make([]item, len(all))
	for i, e := range all {
		items[i] = item{e, string(e.Format())}
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.text, b.text) })
	items = slices.CompactFunc(items, func(a, b item) bool { return a.text == b.text })
	out := make([]signature.Evidence, len(items))
	for i := range items {
		out[i] = items[i].evidence
	}
	return out
}
