package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"errors"
	"io"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore/pkg/signature"
)

// material is what a requirement trusts, with one of its keys.
type material struct {
	root.TrustedMaterial
	key     *keyVerifier // nil for identities
	stamped []byte       // see entity
}

func newMaterial(trusted root.TrustedMaterial) material {
	if trusted == nil {
		trusted = &root.BaseTrustedMaterial{}
	}
	return material{TrustedMaterial: trusted}
}

// PublicKeyVerifier returns the requirement's key. Hints in the evidence count for
// nothing, and neither do keys that the trusted material may hold.
func (m material) PublicKeyVerifier(string) (root.TimeConstrainedVerifier, error) {
	if m.key == nil {
		return nil, errors.New("no key is required")
	}
	return m.key, nil
}

// TimestampingAuthorities are the trusted ones, told what the timestamps are over.
func (m material) TimestampingAuthorities() []root.TimestampingAuthority {
	all := m.TrustedMaterial.TimestampingAuthorities()
	if m.stamped == nil {
		return all
	}
	out := make([]root.TimestampingAuthority, len(all))
	for i, authority := range all {
		out[i] = stampedAuthority{authority, m.stamped}
	}
	return out
}

// stampedAuthority verifies timestamps over something else than the signature:
// cosign has an attestation in the older format stamped as a whole, signature included.
type stampedAuthority struct {
	authority root.TimestampingAuthority
	stamped   []byte
}

func (a stampedAuthority) Verify(timestamp, _ []byte) (*root.Timestamp, error) {
	return a.authority.Verify(timestamp, a.stamped)
}

// keyVerifier verifies by one key in each of the ways that it may sign.
type keyVerifier struct {
	public crypto.PublicKey
	ways   []signature.Verifier
}

func (k Key) verifier() (*keyVerifier, error) {
	v := &keyVerifier{public: k.public}
	if public, ok := k.public.(ed25519.PublicKey); ok {
		pure, err := signature.LoadED25519Verifier(public)
		if err != nil {
			return nil, err
		}
		prehashed, err := signature.LoadED25519phVerifier(public)
		if err != nil {
			return nil, err
		}
		v.ways = []signature.Verifier{pure, prehashed}
		return v, nil
	}
	for _, hash := range k.hashes() {
		way, err := signature.LoadVerifier(k.public, hash)
		if err != nil {
			return nil, err
		}
		v.ways = append(v.ways, way)
	}
	return v, nil
}

// hashes are those that the key may sign with.
func (k Key) hashes() []crypto.Hash {
	if k.hash != 0 {
		return []crypto.Hash{k.hash}
	}
	if public, ok := k.public.(*ecdsa.PublicKey); ok {
		switch public.Curve.Params().BitSize {
		case 384:
			return []crypto.Hash{crypto.SHA384, crypto.SHA256}
		case 521:
			return []crypto.Hash{crypto.SHA512, crypto.SHA256}
		}
	}
	return []crypto.Hash{crypto.SHA256}
}

// PublicKey implements signature.Verifier.
func (v *keyVerifier) PublicKey(...signature.PublicKeyOption) (crypto.PublicKey, error) {
	return v.public, nil
}

// ValidAtTime is always true: a policy's key has no end.
func (v *keyVerifier) ValidAtTime(time.Time) bool { return true }

// VerifySignature implements signature.Verifier.
func (v *keyVerifier) VerifySignature(sig, message io.Reader,
	opts ...signature.VerifyOption) error {
	sigBytes, err := io.ReadAll(sig)
	if err != nil {
		return err
	}
	messageBytes, err := io.ReadAll(message)
	if err != nil {
		return err
	}
	var hashed []byte
	for _, opt := range opts {
		opt.ApplyDigest(&hashed)
	}
	err = errors.New("the key cannot be verified with")
	for _, way := range v.ways {
		if _, pure := way.(*signature.ED25519Verifier); pure && hashed != nil {
			err = errors.New("a pure Ed25519 signature needs the content itself")
			continue // it would verify the empty message instead
		}
		if err = way.VerifySignature(bytes.NewReader(sigBytes), bytes.NewReader(messageBytes),
			opts...); err == nil {
			return nil
		}
	}
	return err
}
