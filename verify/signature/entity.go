package signature

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// entity is evidence of either format as the verifier takes it. Its parts are
// parsed once.
type entity struct {
	content     verify.SignatureContent
	certificate *x509.Certificate // nil if signed by a key, or if nothing says by what
	chain       []*x509.Certificate
	entries     []*tlog.Entry
	timestamps  [][]byte
	// stamped is what the timestamps are over, nil for the signature itself.
	stamped []byte
	// byKey asks for the verification by the material's key.
	byKey bool
}

var _ verify.SignedEntity = (*entity)(nil)

func (e *entity) HasInclusionPromise() bool {
	for _, entry := range e.entries {
		if entry.HasInclusionPromise() {
			return true
		}
	}
	return false
}

func (e *entity) HasInclusionProof() bool {
	for _, entry := range e.entries {
		if entry.HasInclusionProof() {
			return true
		}
	}
	return false
}

func (e *entity) SignatureContent() (verify.SignatureContent, error) { return e.content, nil }
func (e *entity) Timestamps() ([][]byte, error)                      { return e.timestamps, nil }
func (e *entity) TlogEntries() ([]*tlog.Entry, error)                { return e.entries, nil }

// Version is none: with a bundle's, the verifier would try a second hash for
// certificates on P-384 and P-521 and write of that to the standard error.
func (e *entity) Version() (string, error) { return "", nil }

func (e *entity) VerificationContent() (verify.VerificationContent, error) {
	if e.byKey {
		return signedByKey{}, nil
	}
	return signedByCertificate{e.certificate, e.chain}, nil
}

// id tells the signature from others. A certificate that stands beside a
// signature by key is not signed, and so is no part of it.
func (e *entity) id() string {
	h := sha256.New()
	h.Write(e.content.Signature())
	if e.certificate != nil && !e.byKey {
		h.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.certificate.Raw}))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// only is the entity with no other log entry than one.
func (e *entity) only(entry *tlog.Entry) *entity {
	one := *e
	one.entries = []*tlog.Entry{entry}
	return &one
}

// signedByCertificate is a certificate and what may lead from it to an authority.
type signedByCertificate struct {
	leaf  *x509.Certificate
	chain []*x509.Certificate
}

func (c signedByCertificate) Certificate() *x509.Certificate      { return c.leaf }
func (c signedByCertificate) Intermediates() []*x509.Certificate  { return c.chain }
func (c signedByCertificate) PublicKey() verify.PublicKeyProvider { return nil }

func (c signedByCertificate) CompareKey(key any, _ root.TrustedMaterial) bool {
	other, ok := key.(*x509.Certificate)
	return ok && c.leaf.Equal(other)
}

func (c signedByCertificate) ValidAtTime(t time.Time, _ root.TrustedMaterial) bool {
	return !t.Before(c.leaf.NotBefore) && !t.After(c.leaf.NotAfter)
}

// signedByKey is the key of the trusted material, whatever the evidence hints at.
type signedByKey struct{}

func (signedByKey) Hint() string                          { return "" }
func (signedByKey) Certificate() *x509.Certificate        { return nil }
func (signedByKey) Intermediates() []*x509.Certificate    { return nil }
func (k signedByKey) PublicKey() verify.PublicKeyProvider { return k }

func (signedByKey) CompareKey(key any, trusted root.TrustedMaterial) bool {
	verifier, err := trusted.PublicKeyVerifier("")
	if err != nil {
		return false
	}
	public, err := verifier.PublicKey()
	if err != nil {
		return false
	}
	// anyone with a certificate for the key may log that
	if certificate, ok := key.(*x509.Certificate); ok {
		key = certificate.PublicKey
	}
	logged, ok := key.(interface{ Equal(crypto.PublicKey) bool })
	return ok && logged.Equal(public)
}

func (signedByKey) ValidAtTime(t time.Time, trusted root.TrustedMaterial) bool {
	verifier, err := trusted.PublicKeyVerifier("")
	return err == nil && verifier.ValidAtTime(t)
}
