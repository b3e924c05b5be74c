package signatures_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// Who signs what in the tests with cosign.
const (
	subject    = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1"
	issuer     = "https://token.actions.githubusercontent.com"
	provenance = "https://slsa.dev/provenance/v1"
)

// unlogged is a signature without a log entry, whose time a timestamp proves.
var unlogged = signaturetest.Signing{Log: signaturetest.NoLog, Timestamp: true}

// digestOf is the digest of a text.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// instance is the sigstore instance that the tests trust, and another is one that
// they do not.
var instance, another = sync.OnceValues(signaturetest.New), sync.OnceValues(signaturetest.New)

func sigstore(t *testing.T) *signaturetest.Sigstore { return must(t)(instance()) }

func stranger(t *testing.T) *signaturetest.Sigstore { return must(t)(another()) }

func must(t *testing.T) func(*signaturetest.Sigstore, error) *signaturetest.Sigstore {
	t.Helper()
	return func(s *signaturetest.Sigstore, err error) *signaturetest.Sigstore {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// signBy has an instance sign, by the identity of the tests.
func signBy(t *testing.T, s *signaturetest.Sigstore, what signaturetest.Signing) signature.Evidence {
	t.Helper()
	what.Subject, what.Issuer = subject, issuer
	e, err := s.Sign(what)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// byIdentity demands the identity of the tests.
func byIdentity(t *testing.T) signature.Requirement {
	t.Helper()
	data, err := sigstore(t).TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	trust, err := signature.ParseTrustedRoot(data)
	if err != nil {
		t.Fatal(err)
	}
	return signature.Requirement{Kind: signature.Signature, Trust: trust,
		Identities: []signature.Identity{identity(t, issuer, subject, "")}}
}

func identity(t *testing.T, issuer, subject, subjectRegExp string) signature.Identity {
	t.Helper()
	id, err := signature.NewIdentity(issuer, "", subject, subjectRegExp)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// key is the public half of a key as a policy holds it.
func key(t *testing.T, private crypto.Signer) signature.Key {
	t.Helper()
	text, err := signaturetest.PublicPEM(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	k, err := signature.ParseKey(text, "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newKey makes a key of a kind that may sign.
func newKey(t *testing.T, kind string) crypto.Signer {
	t.Helper()
	var k crypto.Signer
	var err error
	switch kind {
	case "P-256":
		k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "P-384":
		k, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "P-521":
		k, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "RSA":
		k, err = rsa.GenerateKey(rand.Reader, 2048)
	case "Ed25519":
		_, k, err = ed25519.GenerateKey(rand.Reader)
	default:
		t.Fatalf("unknown kind of key %q", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// rootOnly is the last certificate of a chain.
func rootOnly(chain []byte) []byte {
	return chain[bytes.LastIndex(chain, []byte("-----BEGIN")):]
}
