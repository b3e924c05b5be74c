package signaturetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/plumb-dev/plumb/verify/signature"
)

// Log is the transparency log that a signature is entered in.
type Log int

// The logs.
const (
	LogV1 Log = iota // Rekor v1, which promises to include the entry and names the time
	LogV2            // Rekor v2, which proves inclusion and names no time
	NoLog
)

// Signing describes a signature: of what, by which signer and how. Repository, Digest and
// either Key or Subject and Issuer must be set.
type Signing struct {
	Repository string // of the image, "registry.example/app"
	Digest     string // of the image, "sha256:…"

	Key             crypto.Signer // signs; nil for a key that is used once and certified
	Subject, Issuer string        // of the certificate, where there is no Key

	// PredicateType and Predicate make it an attestation instead of a signature.
	PredicateType string
	Predicate     json.RawMessage

	Legacy    bool // in the older format instead of a bundle
	Log       Log
	Timestamp bool // have it stamped by the timestamp authority
	NoSCT     bool // leave the certificate out of its log
	// InToto enters an attestation as Rekor's type "intoto" instead of "dsse", as
	// older clients do.
	InToto bool

	// Time is when log and timestamp authority see it, Epoch if zero; the certificate
	// is issued a minute before, or at Issued.
	Time, Issued time.Time

	// Hash signs over another hash than the one that fits the key.
	Hash crypto.Hash
	// Reference is the payload's docker-reference, Repository if empty.
	Reference string
}

// signing is a Signing under way.
type signing struct {
	Signing
	key         crypto.Signer
	certificate *x509.Certificate // nil if signed by key
	hash        crypto.Hash
	content     []byte // the payload or statement
	signed      []byte // what the signature is over
	signature   []byte
}

// Sign signs an image and returns the evidence of it.
func (s *Sigstore) Sign(what Signing) (signature.Evidence, error) {
	w := &signing{Signing: what, key: what.Key}
	if err := s.begin(w); err != nil {
		return signature.Evidence{}, err
	}
	var err error
	if w.signature, err = w.sign(w.signed); err != nil {
		return signature.Evidence{}, err
	}
	if w.Legacy {
		return s.legacy(w)
	}
	return s.bundle(w)
}

// begin settles who signs what.
func (s *Sigstore) begin(w *signing) error {
	if w.Repository == "" || w.Digest == "" {
		return errors.New("signing: no repository or no digest")
	}
	if w.Time.IsZero() {
		w.Time = Epoch
	}
	if w.Issued.IsZero() {
		w.Issued = w.Time.Add(-time.Minute)
	}
	if w.key == nil {
		key, err := ephemeral()
		if err != nil {
			return err
		}
		w.key = key
		w.certificate, err = s.Certificate(key.Public(), w.Subject, w.Issuer, w.Issued, !w.NoSCT)
		if err != nil {
			return err
		}
	}
	w.hash = w.Hash
	if w.hash == 0 {
		w.hash = usual(w.key.Public())
	}
	var err error
	if w.simple() {
		w.content, err = w.payload()
		w.signed = w.content
		return err
	}
	w.content, err = w.statement()
	w.signed = dsse.PAE(payloadType, w.content)
	return err
}

// simple reports whether it is a simple-signing payload.
func (w *signing) simple() bool { return w.Legacy && w.PredicateType == "" }

const payloadType = "application/vnd.in-toto+json"

// payload is the simple-signing payload of a signature.
func (w *signing) payload() ([]byte, error) {
	reference := w.Reference
	if reference == "" {
		reference = w.Repository
	}
	return json.Marshal(map[string]any{
		"critical": map[string]any{
			"identity": map[string]string{"docker-reference": reference},
			"image":    map[string]string{"docker-manifest-digest": w.Digest},
			"type":     "cosign container image signature",
		},
		"optional": nil,
	})
}

// statement is the in-toto statement of an attestation, or of a signature in a
// bundle.
func (w *signing) statement() ([]byte, error) {
	algorithm, sum, found := strings.Cut(w.Digest, ":")
	if !found {
		return nil, fmt.Errorf("signing: digest %q has no algorithm", w.Digest)
	}
	predicateType, predicate := w.PredicateType, w.Predicate
	if predicateType == "" {
		predicateType = signature.SignPredicate
	}
	if predicate == nil {
		predicate = json.RawMessage("{}")
	}
	digest := map[string]string{algorithm: sum}
	return json.Marshal(map[string]any{
		"_type":         "https://in-toto.io/Statement/v1",
		"subject":       []any{map[string]any{"name": w.Repository, "digest": digest}},
		"predicateType": predicateType,
		"predicate":     predicate,
	})
}

// usual is the hash that signers use with a key.
func usual(public crypto.PublicKey) crypto.Hash {
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		switch p.Curve.Params().BitSize {
		case 384:
			return crypto.SHA384
		case 521:
			return crypto.SHA512
		}
	case ed25519.PublicKey:
		return crypto.SHA512
	}
	return crypto.SHA256
}

func sum(hash crypto.Hash, data []byte) []byte {
	switch hash {
	case crypto.SHA384:
		sum := sha512.Sum384(data)
		return sum[:]
	case crypto.SHA512:
		sum := sha512.Sum512(data)
		return sum[:]
	}
	sum := sha256.Sum256(data)
	return sum[:]
}

// sign signs as cosign does: an Ed25519 key hashes first where the log keeps hashes
// only.
func (w *signing) sign(message []byte) ([]byte, error) {
	switch w.key.Public().(type) {
	case ed25519.PublicKey:
		if w.prehashed() {
			return w.key.Sign(rand.Reader, sum(crypto.SHA512, message), crypto.SHA512)
		}
		return w.key.Sign(rand.Reader, message, crypto.Hash(0))
	case *ecdsa.PublicKey, *rsa.PublicKey:
		return w.key.Sign(rand.Reader, sum(w.hash, message), w.hash)
	}
	return nil, fmt.Errorf("signing: a %T cannot sign", w.key)
}

func (w *signing) prehashed() bool { return w.Log == LogV2 || w.Log == LogV1 && w.simple() }

// public is the signer's certificate or key in PEM, as Rekor v1 keeps it.
func (w *signing) public() ([]byte, error) {
	if w.certificate != nil {
		return certificatesPEM(w.certificate), nil
	}
	return PublicPEM(w.key.Public())
}
