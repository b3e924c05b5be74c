package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// Key is a public key that may have signed, and the hash that it signs with. ParseKey
// makes one; the zero Key has signed nothing.
type Key struct {
	public      crypto.PublicKey
	hash        crypto.Hash // 0: any that signers use with such a key
	fingerprint string
}

const maxKey = 64 << 10 // bytes of a PEM block

// minRSA is the fewest bits that an RSA key may have.
const minRSA = 2048

// ParseKey reads a public key from PEM: one block "PUBLIC KEY" (PKIX) or "RSA
// PUBLIC KEY" (PKCS #1) with an ECDSA key on P-256, P-384 or P-521, an RSA key of 2048
// to 8192 bits, or an Ed25519 key.
//
// With hashAlgorithm "sha224", "sha256", "sha384" or "sha512" only signatures over
// that hash count; with "" those over SHA-256 and over the hash that fits the key's
// curve, the two that signers use. An Ed25519 key has its own hash and takes no other
// name than "" and "sha512".
func ParseKey(data []byte, hashAlgorithm string) (Key, error) {
	if len(data) > maxKey {
		return Key{}, fmt.Errorf("public key: %d bytes, more than the %d that are read", len(data),
			maxKey)
	}
	block, rest := pem.Decode(data)
	switch {
	case block == nil:
		return Key{}, errors.New("public key: no PEM block")
	case len(bytes.TrimSpace(rest)) > 0:
		return Key{}, errors.New(
			"public key: something follows the first PEM block; give each key its own")
	}
	var public any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		return Key{}, fmt.Errorf("public key: the PEM block is a %q, not a PUBLIC KEY", block.Type)
	}
	if err != nil {
		return Key{}, fmt.Errorf("public key: %w", err)
	}
	return newKey(public, hashAlgorithm)
}

// newKey makes a key of a public key; see ParseKey.
func newKey(public crypto.PublicKey, hashAlgorithm string) (Key, error) {
	hash, err := hashNamed(hashAlgorithm)
	if err != nil {
		return Key{}, fmt.Errorf("public key: %w", err)
	}
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		if c := p.Curve; c != elliptic.P256() && c != elliptic.P384() && c != elliptic.P521() {
			return Key{}, fmt.Errorf("public key: the curve %s is not one of P-256, P-384, P-521",
				c.Params().Name)
		}
	case *rsa.PublicKey:
		if n := p.N.BitLen(); n < minRSA || n > maxRSA {
			return Key{}, fmt.Errorf("public key: RSA of %d bits, not of %d to %d", n, minRSA,
				maxRSA)
		}
	case ed25519.PublicKey:
		if hash != 0 && hash != crypto.SHA512 {
			return Key{}, fmt.Errorf("public key: Ed25519 does not sign %s", hashAlgorithm)
		}
	default:
		return Key{}, fmt.Errorf("public key: %T is not an ECDSA, RSA or Ed25519 key", public)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, fmt.Errorf("public key: %w", err)
	}
	sum := sha256.Sum256(der)
	return Key{public: public, hash: hash, fingerprint: "sha256:" + hex.EncodeToString(sum[:])}, nil
}

// Fingerprint is "sha256:" and the hex digest of the key in PKIX form.
func (k Key) Fingerprint() string { return k.fingerprint }

func hashNamed(name string) (crypto.Hash, error) {
	switch name {
	case "":
		return 0, nil
	case "sha224":
		return crypto.SHA224, nil
	case "sha256":
		return crypto.SHA256, nil
	case "sha384":
		return crypto.SHA384, nil
	case "sha512":
		return crypto.SHA512, nil
	}
	return 0, fmt.Errorf("hash algorithm %q is not one of sha224, sha256, sha384, sha512", name)
}
