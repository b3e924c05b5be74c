package signature_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// TestKeys signs with each kind of key in both formats and every log, and has another
// key of the kind refused.
func TestKeys(t *testing.T) {
	for _, kind := range []string{"P-256", "P-384", "P-521", "RSA", "Ed25519"} {
		for _, legacy := range []bool{false, true} {
			for _, predicate := range []string{"", provenance} {
				for _, log := range []signaturetest.Log{signaturetest.LogV1, signaturetest.LogV2, signaturetest.NoLog} {
					if legacy && log == signaturetest.LogV2 {
						continue // it has no place for one
					}
					name := fmt.Sprintf("%s/legacy=%t/%s/log=%d", kind, legacy, predicate, log)
					t.Run(name, func(t *testing.T) {
						key := signer(t, kind)
						e := sign(t, signaturetest.Signing{Key: key, Legacy: legacy, PredicateType: predicate, Log: log})
						r := byKey(t, key.Public())
						if predicate != "" {
							r.Kind, r.PredicateType = signature.Attestation, predicate
						}
						r.NoLogUnsafe = log == signaturetest.NoLog
						v, err := signature.Verify(app(), e, r)
						if err != nil {
							t.Fatal(err)
						}
						if got := v.Signer.Key; got != r.Keys[0].Fingerprint() {
							t.Errorf("signed by key %s", got)
						}
						other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
						if err != nil {
							t.Fatal(err)
						}
						r.Keys = byKey(t, other.Public()).Keys
						if _, err := signature.Verify(app(), e, r); err == nil {
							t.Error("accepted for another key")
						}
					})
				}
			}
		}
	}
}

// TestIdentities signs with a certificate in both formats, with each thing that may
// vouch for the time.
func TestIdentities(t *testing.T) {
	tests := []struct {
		name    string
		signing signaturetest.Signing
		times   []signature.Time
		logged  bool
	}{
		{"bundle, Rekor v1", signaturetest.Signing{}, []signature.Time{logTime}, true},
		{"bundle, Rekor v1 and timestamp", signaturetest.Signing{Timestamp: true}, []signature.Time{logTime, stampTime}, true},
		{"bundle, Rekor v2 and timestamp", signaturetest.Signing{Log: signaturetest.LogV2, Timestamp: true}, []signature.Time{stampTime}, true},
		{"bundle, timestamp alone", signaturetest.Signing{Log: signaturetest.NoLog, Timestamp: true}, []signature.Time{stampTime}, false},
		{"older format, Rekor v1", signaturetest.Signing{Legacy: true}, []signature.Time{logTime}, true},
		{"older format, Rekor v1 and timestamp", signaturetest.Signing{Legacy: true, Timestamp: true}, []signature.Time{logTime, stampTime}, true},
		{"older format, timestamp alone", signaturetest.Signing{Legacy: true, Log: signaturetest.NoLog, Timestamp: true},
			[]signature.Time{stampTime}, false},
	}
	for _, tt := range tests {
		for _, predicate := range []string{"", provenance} {
			t.Run(tt.name+"/"+predicate, func(t *testing.T) {
				tt.signing.PredicateType = predicate
				e := sign(t, tt.signing)
				r := byIdentity(t)
				if predicate != "" {
					r.Kind, r.PredicateType = signature.Attestation, predicate
				}
				r.NoLogUnsafe, r.Timestamp = !tt.logged, tt.signing.Timestamp
				got, err := signature.Verify(app(), e, r)
				if err != nil {
					t.Fatal(err)
				}
				want := signature.Verified{Kind: r.Kind, Digest: image, Times: tt.times, PredicateType: predicate,
					Signer: signature.Signer{Subject: subject, Issuer: issuer}}
				if predicate == "" && !tt.signing.Legacy {
					want.PredicateType = signature.SignPredicate
				}
				if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(signature.Verified{}, "Payload", "Log", "ID")); diff != "" {
					t.Errorf("verified (-want +got):\n%s", diff)
				}
				if (len(got.Log) == 1) != tt.logged {
					t.Errorf("log entries %v", got.Log)
				}
				if len(got.Payload) == 0 {
					t.Error("no payload")
				}
			})
		}
	}
}

var (
	logTime   = signature.Time{Time: signaturetest.Epoch, Log: true, URI: "https://rekor.signaturetest.invalid"}
	stampTime = signature.Time{Time: signaturetest.Epoch, URI: "https://tsa.signaturetest.invalid"}
)
