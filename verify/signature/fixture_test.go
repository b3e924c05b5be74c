package signature_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// Who signs what in these tests.
const (
	repository = "registry.example/team/app"
	subject    = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1"
	issuer     = "https://token.actions.githubusercontent.com"
	provenance = "https://slsa.dev/provenance/v1"
)

var image = digestOf("the image")

// digestOf is the digest of a text.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// instance is the sigstore instance that the tests trust, and another is one that
// they do not.
var instance, another = sync.OnceValues(signaturetest.New), sync.OnceValues(signaturetest.New)

func sigstore(t testing.TB) *signaturetest.Sigstore {
	t.Helper()
	s, err := instance()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stranger is an instance that nothing trusts.
func stranger(t testing.TB) *signaturetest.Sigstore {
	t.Helper()
	s, err := another()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// trust is what an instance's trusted root says.
func trust(t testing.TB, s *signaturetest.Sigstore) root.TrustedMaterial {
	t.Helper()
	data, err := s.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := signature.ParseTrustedRoot(data)
	if err != nil {
		t.Fatal(err)
	}
	return trusted
}

// parts are what to trust, where that is not the instance's.
type parts struct {
	authority           []byte // PEM
	log, ctLog, stamper *signaturetest.Sigstore
	logValidity         signature.Validity
}

// trusting puts trusted material together from parts.
func trusting(t testing.TB, p parts) *signature.Trust {
	t.Helper()
	own := sigstore(t)
	if p.authority == nil {
		p.authority = own.AuthorityPEM()
	}
	for _, s := range []**signaturetest.Sigstore{&p.log, &p.ctLog, &p.stamper} {
		if *s == nil {
			*s = own
		}
	}
	log, err := p.log.LogPEM()
	if err != nil {
		t.Fatal(err)
	}
	ctLog, err := p.ctLog.CTLogPEM()
	if err != nil {
		t.Fatal(err)
	}
	var out signature.Trust
	for _, err := range []error{
		out.AddAuthority(p.authority, "", signature.Validity{}),
		out.AddLog(log, "https://rekor.signaturetest.invalid", p.logValidity),
		out.AddCTLog(ctLog, "", signature.Validity{}),
		out.AddTimestampAuthority(p.stamper.TimestampPEM(), "", signature.Validity{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return &out
}

// sign signs the image with the trusted instance.
func sign(t testing.TB, what signaturetest.Signing) signature.Evidence {
	t.Helper()
	return signBy(t, sigstore(t), what)
}

func signBy(t testing.TB, s *signaturetest.Sigstore, what signaturetest.Signing) signature.Evidence {
	t.Helper()
	if what.Repository == "" {
		what.Repository = repository
	}
	if what.Digest == "" {
		what.Digest = image
	}
	if what.Key == nil && what.Subject == "" {
		what.Subject, what.Issuer = subject, issuer
	}
	evidence, err := s.Sign(what)
	if err != nil {
		t.Fatal(err)
	}
	return evidence
}

// app is the image in its repository.
func app() signature.Subject { return signature.Subject{Repository: repository, Digest: image} }

// byIdentity demands the tests' identity in the usual way.
func byIdentity(t testing.TB) signature.Requirement {
	t.Helper()
	return signature.Requirement{Kind: signature.Signature, Identities: []signature.Identity{identity(t, issuer, "", subject, "")},
		Trust: trust(t, sigstore(t))}
}

func identity(t testing.TB, issuer, issuerRegExp, subject, subjectRegExp string) signature.Identity {
	t.Helper()
	id, err := signature.NewIdentity(issuer, issuerRegExp, subject, subjectRegExp)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// byKey demands a key and a log entry.
func byKey(t testing.TB, public crypto.PublicKey) signature.Requirement {
	t.Helper()
	return signature.Requirement{Kind: signature.Signature, Keys: []signature.Key{key(t, public, "")}, Trust: trust(t, sigstore(t))}
}

func key(t testing.TB, public crypto.PublicKey, hash string) signature.Key {
	t.Helper()
	pem, err := signaturetest.PublicPEM(public)
	if err != nil {
		t.Fatal(err)
	}
	k, err := signature.ParseKey(pem, hash)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// signers are keys of each kind that may sign, made once.
var signers = sync.OnceValue(func() map[string]crypto.Signer {
	out := map[string]crypto.Signer{}
	for name, curve := range map[string]elliptic.Curve{"P-256": elliptic.P256(), "other": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		if k, err := ecdsa.GenerateKey(curve, rand.Reader); err == nil {
			out[name] = k
		}
	}
	if k, err := rsa.GenerateKey(rand.Reader, 2048); err == nil {
		out["RSA"] = k
	}
	if _, k, err := ed25519.GenerateKey(rand.Reader); err == nil {
		out["Ed25519"] = k
	}
	return out
})

func signer(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	k := signers()[kind]
	if k == nil {
		t.Fatalf("no %s key", kind)
	}
	return k
}

// hexOf is what a digest holds.
func hexOf(digest string) ([]byte, error) {
	return hex.DecodeString(strings.TrimPrefix(digest, "sha256:"))
}
