package signatures

import (
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/sigstore/cosign/v2/pkg/oci"
	cosign "github.com/sigstore/cosign/v2/pkg/oci/remote"
	"github.com/sigstore/cosign/v2/pkg/oci/static"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/verify/signature"
)

// legacy fetches the layers of a .sig or .att manifest that have a media type, and skips
// all others.
func (f *finder) legacy(tag name.Tag, mediaType string) ([]signature.Evidence, error) {
	manifest, err := cosign.Signatures(tag, f.cosigns...)
	if err != nil {
		return nil, err
	}
	layers, err := manifest.Get()
	if err != nil {
		return nil, err
	}
	if len(layers) > MaxEvidence {
		return nil, tooMany(len(layers), tag)
	}
	found := make([]signature.Evidence, len(layers))
	var group errgroup.Group
	for i, layer := range layers {
		group.Go(func() (err error) {
			found[i], err = read(layer, mediaType)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return present(found), nil
}

// read fetches one layer and its annotations; the zero Evidence if it is of another
// media type.
func read(layer oci.Signature, mediaType string) (signature.Evidence, error) {
	if t, err := layer.MediaType(); err != nil || string(t) != mediaType {
		return signature.Evidence{}, err
	}
	payload, err := layer.Payload()
	if err != nil {
		return signature.Evidence{}, err
	}
	notes, err := layer.Annotations()
	if err != nil {
		return signature.Evidence{}, err
	}
	return signature.Evidence{Legacy: &signature.Legacy{
		MediaType:   mediaType,
		Payload:     payload,
		Signature:   notes[static.SignatureAnnotationKey],
		Certificate: notes[static.CertificateAnnotationKey],
		Chain:       notes[static.ChainAnnotationKey],
		Bundle:      notes[static.BundleAnnotationKey],
		Timestamp:   notes[static.RFC3161TimestampAnnotationKey],
	}}, nil
}

// present leaves out the zero Evidence.
func present(all []signature.Evidence) []signature.Evidence {
	var out []signature.Evidence
	for _, e := range all {
		if e.Legacy != nil || e.Bundle != nil {
			out = append(out, e)
		}
	}
	return out
}
