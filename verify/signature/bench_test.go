package signature_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// BenchmarkVerify verifies the keyless signatures of many images as a tree's are, on all cores, and
// as sigstore-go does by itself, one after the other. The budget is 1.2 times
// the latter divided by the cores.
func BenchmarkVerify(b *testing.B) {
	const n = 1000
	stored := make([][]byte, n)
	subjects := make([]signature.Subject, n)
	for i := range stored {
		subjects[i] = signature.Subject{Repository: repository, Digest: digestOf(fmt.Sprint(i))}
		stored[i] = sign(b, signaturetest.Signing{Digest: subjects[i].Digest}).Format()
	}
	requirement := byIdentity(b)
	b.Run(fmt.Sprintf("plumb/bundles=%d", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var group errgroup.Group
			group.SetLimit(runtime.GOMAXPROCS(0))
			for i := range stored {
				group.Go(func() error {
					e, err := signature.ParseEvidence(stored[i])
					if err == nil {
						_, err = signature.Verify(subjects[i], e, requirement)
					}
					return err
				})
			}
			if err := group.Wait(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(fmt.Sprintf("sigstore-go/bundles=%d", n), func(b *testing.B) {
		verifier, err := verify.NewVerifier(trust(b, sigstore(b)), verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1),
			verify.WithSignedCertificateTimestamps(1))
		if err != nil {
			b.Fatal(err)
		}
		id, err := verify.NewShortCertificateIdentity(issuer, "", subject, "")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			for i := range stored {
				if err := verifyAlone(verifier, id, stored[i], subjects[i].Digest); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// verifyAlone verifies a bundle with nothing but sigstore-go.
func verifyAlone(verifier *verify.Verifier, id verify.CertificateIdentity, raw []byte, digest string) error {
	var b bundle.Bundle
	if err := b.UnmarshalJSON(raw); err != nil {
		return err
	}
	sum, err := hexOf(digest)
	if err != nil {
		return err
	}
	result, err := verifier.Verify(&b, verify.NewPolicy(verify.WithArtifactDigest("sha256", sum), verify.WithCertificateIdentity(id)))
	if err == nil && result.Statement.GetPredicateType() != signature.SignPredicate {
		err = errors.New("no signature")
	}
	return err
}
