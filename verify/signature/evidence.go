package signature

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxEvidence is how many bytes one piece of evidence may have.
const MaxEvidence = 16 << 20

// The media types of the layers that the older format keeps signatures and
// attestations in.
const (
	MediaTypeSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json" // a signature
	MediaTypeDSSE          = "application/vnd.dsse.envelope.v1+json"            // an attestation
)

const schemaEvidence = "plumb.dev/evidence/v1"

// bundleMediaType is what the media types of all versions of the sigstore
// bundle begin with.
const bundleMediaType = "application/vnd.dev.sigstore.bundle"

// Evidence is one signature or attestation as it was stored: not verified, and
// true of nothing until Verify says so. Exactly one of its fields is set; the
// zero Evidence is evidence of nothing.
type Evidence struct {
	Bundle []byte  // a sigstore bundle, raw
	Legacy *Legacy // the parts of the older format
}

// Legacy holds a layer of a .sig or .att manifest and its annotations, as strings
// exactly as the manifest has them.
type Legacy struct {
	MediaType string // of the layer: MediaTypeSimpleSigning or MediaTypeDSSE
	Payload   []byte // the layer: a simple-signing payload or a DSSE envelope
	// dev.cosignproject.cosign/signature, base64; "" for an envelope, which has its own
	Signature   string
	Certificate string // dev.sigstore.cosign/certificate, PEM
	Chain       string // dev.sigstore.cosign/chain, PEM
	Bundle      string // dev.sigstore.cosign/bundle, JSON of a log's inclusion promise
	Timestamp   string // dev.sigstore.cosign/rfc3161timestamp, JSON
}

// stored is the stored form of Legacy. The order of the fields is the order of
// the members.
type stored struct {
	Schema      string `json:"schema"`
	MediaType   string `json:"mediaType"`
	Payload     []byte `json:"payload"`
	Signature   string `json:"signature,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	Chain       string `json:"chain,omitempty"`
	Bundle      string `json:"bundle,omitempty"`
	Timestamp   string `json:"rfc3161timestamp,omitempty"`
}

// ParseEvidence reads evidence in its stored form. It fails on what is larger than
// MaxEvidence, is neither of the two forms, or is not as Format would write it.
// That a bundle can be verified is not checked here. The evidence keeps data.
func ParseEvidence(data []byte) (Evidence, error) {
	if len(data) > MaxEvidence {
		return Evidence{}, fmt.Errorf("evidence: %d bytes, more than the %d that are read",
			len(data), MaxEvidence)
	}
	var form struct {
		Schema    string `json:"schema"`
		MediaType string `json:"mediaType"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return Evidence{}, fmt.Errorf("evidence: %w", err)
	}
	switch {
	case form.Schema == schemaEvidence:
		return parseLegacy(data)
	case form.Schema != "":
		return Evidence{}, fmt.Errorf("evidence: schema %q is not known; this plumb reads %s",
			form.Schema, schemaEvidence)
	case strings.HasPrefix(form.MediaType, bundleMediaType):
		return Evidence{Bundle: data}, nil
	}
	return Evidence{}, fmt.Errorf("evidence: media type %q is not that of a sigstore bundle",
		form.MediaType)
}

func parseLegacy(data []byte) (Evidence, error) {
	var s stored
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Evidence{}, fmt.Errorf("evidence: %w", err)
	}
	legacy := Legacy{MediaType: s.MediaType, Payload: s.Payload, Signature: s.Signature,
		Certificate: s.Certificate, Chain: s.Chain, Bundle: s.Bundle, Timestamp: s.Timestamp}
	e := Evidence{Legacy: &legacy}
	if err := e.check(); err != nil {
		return Evidence{}, err
	}
	if !bytes.Equal(e.Format(), data) {
		return Evidence{}, errors.New("evidence: not in the form that plumb writes")
	}
	return e, nil
}

// Format returns the stored form: the raw bundle, or the older format's parts as
// the package's documentation says. It is nil for the zero Evidence. Annotations
// that are no UTF-8, which no manifest has, are not kept as they are.
func (e Evidence) Format() []byte {
	if e.Legacy == nil {
		return e.Bundle
	}
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	l := e.Legacy
	err := encoder.Encode(stored{Schema: schemaEvidence, MediaType: l.MediaType, Payload: l.Payload,
		Signature:   l.Signature,
		Certificate: l.Certificate, Chain: l.Chain, Bundle: l.Bundle, Timestamp: l.Timestamp})
	if err != nil {
		return nil // no value of these types is refused
	}
	return buf.Bytes()
}

// check refuses evidence that is of neither or both forms, too large, or that
// would not be the same after it was stored.
func (e Evidence) check() error {
	if (e.Legacy == nil) == (len(e.Bundle) == 0) {
		return errors.New("evidence: neither a bundle nor the parts of the older format alone")
	}
	size := len(e.Bundle)
	if l := e.Legacy; l != nil {
		if l.MediaType != MediaTypeSimpleSigning && l.MediaType != MediaTypeDSSE {
			return fmt.Errorf(
				"evidence: media type %q is neither a signature's nor an attestation's",
				l.MediaType)
		}
		size = len(l.Payload)
		for _, part := range []string{l.Signature, l.Certificate, l.Chain, l.Bundle, l.Timestamp} {
			if !utf8.ValidString(part) {
				return errors.New("evidence: an annotation is not UTF-8")
			}
			size += len(part)
		}
	}
	if size > MaxEvidence {
		return fmt.Errorf("evidence: %d bytes, more than the %d that are read", size, MaxEvidence)
	}
	return nil
}
