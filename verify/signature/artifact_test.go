package signature_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
)

// blobSigned is a bundle with a bare signature over a message, said to be of an
// artifact.
func blobSigned(t testing.TB, sign []byte, artifact string) signature.Evidence {
	t.Helper()
	sum := sha256.Sum256([]byte(artifact))
	data, err := json.Marshal(map[string]any{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
		"verificationMaterial": map[string]any{"publicKey": map[string]any{"hint": "x"}},
		"messageSignature":     map[string]any{"messageDigest": map[string]any{"algorithm": "SHA2_256", "digest": sum[:]}, "signature": sign}})
	if err != nil {
		t.Fatal(err)
	}
	return signature.Evidence{Bundle: data}
}

// TestArtifact verifies bare signatures, as of a blob, and has them be no signature of
// an image.
func TestArtifact(t *testing.T) {
	const artifact = "the image" // whose digest the image's is
	sum := sha256.Sum256([]byte(artifact))
	raw := func(kind string, data []byte, hash crypto.Hash) []byte {
		sig, err := signer(t, kind).Sign(rand.Reader, data, hash)
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	tests := []struct {
		name, kind string
		signature  []byte
		content    string
		as         signature.Kind
		want       string // in the error; "" is accepted
	}{
		{"P-256", "P-256", raw("P-256", sum[:], crypto.SHA256), "", signature.Artifact, ""},
		{"P-256 with the content", "P-256", raw("P-256", sum[:], crypto.SHA256), artifact, signature.Artifact, ""},
		{"RSA", "RSA", raw("RSA", sum[:], crypto.SHA256), "", signature.Artifact, ""},
		{"Ed25519 with the content", "Ed25519", raw("Ed25519", []byte(artifact), 0), artifact, signature.Artifact, ""},
		{"Ed25519 without the content", "Ed25519", raw("Ed25519", []byte(artifact), 0), "", signature.Artifact, "unexpected length of digest"},
		// A verifier that is given a digest and no message may take the latter for empty.
		{"Ed25519 over nothing", "Ed25519", raw("Ed25519", nil, 0), "", signature.Artifact, "unexpected length of digest"},
		{"Ed25519 over nothing, with the content", "Ed25519", raw("Ed25519", nil, 0), artifact, signature.Artifact, "altered"},
		{"P-256 over nothing", "P-256", raw("P-256", make([]byte, 32), crypto.SHA256), "", signature.Artifact, "altered"},
		{"as the signature of an image", "P-256", raw("P-256", sum[:], crypto.SHA256), "", signature.Signature, "expected signature of an image"},
		{"as an attestation", "P-256", raw("P-256", sum[:], crypto.SHA256), "", signature.Attestation, "expected attestation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := byKey(t, signer(t, tt.kind).Public())
			r.Kind, r.NoLogUnsafe = tt.as, true
			if tt.as == signature.Attestation {
				r.PredicateType = provenance
			}
			s := app()
			if tt.content != "" {
				s.Content = []byte(tt.content)
			}
			v, err := signature.Verify(s, blobSigned(t, tt.signature, artifact), r)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want == "" && (v.Payload != nil || v.Digest != image):
				t.Errorf("verified %+v", v)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}
