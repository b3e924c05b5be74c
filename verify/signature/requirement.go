package signature

import (
	"errors"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// Kind is what sort of statement evidence makes about an image.
type Kind int

const (
	_ Kind = iota // a zero Requirement accepts nothing

	// Signature says that the signer signed the image: a cosign simple-signing
	// payload, or an in-toto statement of the predicate type SignPredicate. No
	// other attestation counts as a signature.
	Signature

	// Attestation is an in-toto statement about the image with the predicate
	// type that is asked for.
	Attestation

	// Artifact says that the content itself was signed, as with cosign
	// sign-blob: a signature over its bytes, or any in-toto statement about it.
	// It is not what cosign writes for an image, and no signature of one.
	Artifact
)

// SignPredicate is the predicate type of the statement that cosign writes into a
// bundle to sign an image.
const SignPredicate = "https://sigstore.dev/cosign/sign/v1"

// String is the kind in words.
func (k Kind) String() string {
	switch k {
	case Signature:
		return "signature of an image"
	case Attestation:
		return "attestation"
	case Artifact:
		return "signature of an artifact"
	}
	return "nothing"
}

// Requirement is what one authority demands of evidence. The zero Requirement
// accepts nothing, and so does one that names no key and no identity. What weakens
// a demand ends in Unsafe.
type Requirement struct {
	Kind          Kind
	PredicateType string // of an Attestation, exactly; must be set for one

	// Keys and Identities say who may have signed: one of them must have. Exactly
	// one of the two fields is set.
	Keys       []Key
	Identities []Identity

	// Trust holds the certificate authorities, logs and timestamp authorities
	// that count; nil has none. Identities need an authority, and all that is
	// demanded below needs what can prove it.
	Trust root.TrustedMaterial

	// Timestamp demands an RFC 3161 timestamp by an authority of Trust.
	Timestamp bool

	// NoLogUnsafe does not demand an entry in a log of Trust. The times that log
	// entries name count for nothing then, so that a certificate needs a timestamp.
	NoLogUnsafe bool
	// NoSCTUnsafe does not demand of a certificate that a certificate
	// transparency log of Trust has seen it.
	NoSCTUnsafe bool
	// AnyRepositoryUnsafe accepts a simple-signing payload whose docker-reference
	// names another repository than the subject's, or none.
	AnyRepositoryUnsafe bool
}

// check refuses a requirement that demands nothing, or nothing that can be
// checked.
func (r Requirement) check() error {
	switch {
	case r.Kind != Signature && r.Kind != Attestation && r.Kind != Artifact:
		return errors.New("the requirement does not say what kind of evidence it wants")
	case r.Kind == Attestation && r.PredicateType == "":
		return errors.New("the requirement wants an attestation and names no predicate type")
	case r.Kind != Attestation && r.PredicateType != "":
		return fmt.Errorf("the requirement wants a %s and names a predicate type", r.Kind)
	case len(r.Keys) == 0 && len(r.Identities) == 0:
		return errors.New("the requirement names neither a key nor an identity")
	case len(r.Keys) > 0 && len(r.Identities) > 0:
		return errors.New("the requirement names both keys and identities")
	}
	for _, k := range r.Keys {
		if k.public == nil {
			return errors.New("the requirement has an empty key")
		}
	}
	for _, id := range r.Identities {
		if id.empty() {
			return errors.New("the requirement has an empty identity")
		}
	}
	return nil
}
