package signature_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// FuzzEvidence reads evidence and verifies it. Nothing panics, what is read is stored
// as it was, and nothing but what the tests signed is ever accepted.
func FuzzEvidence(f *testing.F) {
	signings := []signaturetest.Signing{{}, {Timestamp: true, Log: signaturetest.LogV2}, {Log: signaturetest.NoLog, Timestamp: true},
		{Key: signer(f, "Ed25519")}, {PredicateType: provenance}}
	for _, s := range signings {
		f.Add(sign(f, s).Format())
		if s.Log != signaturetest.LogV2 {
			s.Legacy = true
			f.Add(sign(f, s).Format())
		}
	}
	f.Add(sign(f, signaturetest.Signing{PredicateType: provenance, Legacy: true, InToto: true}).Format())
	bundles, _ := filepath.Glob(filepath.Join(conformance, "bundle-verify", "*", "bundle.sigstore.json"))
	for _, b := range bundles { // more seeds where the suite is at hand
		if data, err := os.ReadFile(b); err == nil {
			f.Add(data)
		}
	}
	identified := byIdentity(f)
	attested := byIdentity(f)
	attested.Kind, attested.PredicateType = signature.Attestation, provenance
	keyed := byKey(f, signer(f, "Ed25519").Public())
	artifact := keyed
	artifact.Kind, artifact.NoLogUnsafe = signature.Artifact, true
	subject := signature.Subject{Repository: repository, Digest: digestOf("an image that nobody has signed"), Content: nil}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := signature.ParseEvidence(data)
		if err != nil {
			return
		}
		if !bytes.Equal(e.Format(), data) {
			t.Errorf("stored as %q", e.Format())
		}
		for _, r := range []signature.Requirement{identified, attested, keyed, artifact} {
			if _, err := signature.Verify(subject, e, r); err == nil {
				t.Error("accepted for an image that nobody has signed")
			}
			_, _ = signature.Verify(app(), e, r) // goes further, as the digest is right
		}
	})
}

// FuzzLegacy verifies the older format's parts, each of which may be anything.
func FuzzLegacy(f *testing.F) {
	for _, s := range []signaturetest.Signing{{Timestamp: true}, {Key: signer(f, "Ed25519")}, {PredicateType: provenance, Timestamp: true},
		{PredicateType: provenance, InToto: true}} {
		s.Legacy = true
		l := sign(f, s).Legacy
		f.Add(l.MediaType == signature.MediaTypeDSSE, l.Payload, l.Signature, l.Certificate, l.Chain, l.Bundle, l.Timestamp)
	}
	identified, keyed := byIdentity(f), byKey(f, signer(f, "Ed25519").Public())
	identified.Timestamp = true
	attested := identified
	attested.Kind, attested.PredicateType = signature.Attestation, provenance
	other := signature.Subject{Repository: repository, Digest: digestOf("an image that nobody has signed")}
	f.Fuzz(func(t *testing.T, envelope bool, payload []byte, sig, certificate, chain, bundle, timestamp string) {
		l := &signature.Legacy{MediaType: signature.MediaTypeSimpleSigning, Payload: payload, Signature: sig, Certificate: certificate,
			Chain: chain, Bundle: bundle, Timestamp: timestamp}
		if envelope {
			l.MediaType = signature.MediaTypeDSSE
		}
		e := signature.Evidence{Legacy: l}
		for _, r := range []signature.Requirement{identified, attested, keyed} {
			if _, err := signature.Verify(other, e, r); err == nil {
				t.Error("accepted for an image that nobody has signed")
			}
			_, err := signature.Verify(app(), e, r)
			back, parseErr := signature.ParseEvidence(e.Format())
			if err == nil && (parseErr != nil || !bytes.Equal(back.Format(), e.Format())) {
				t.Errorf("accepted, and not stored as it was: %v", parseErr)
			}
		}
	})
}
