package signature_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// TestLimits has evidence refused of which there is too much.
func TestLimits(t *testing.T) {
	large, err := json.Marshal(strings.Repeat("x", 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	attested := signaturetest.Signing{PredicateType: provenance, Predicate: large}
	repeat := func(path string, n int) func(testing.TB, *attempt) {
		return func(t testing.TB, a *attempt) {
			a.edit(t, path, func(v any) any {
				var out []any
				for range n {
					out = append(out, v.([]any)[0])
				}
				return out
			})
		}
	}
	runTwins(t, []twin{
		{"50 MiB/bundle", attested, nil, func(_ testing.TB, a *attempt) {
			a.evidence.Bundle = append(bytes.Clone(a.evidence.Bundle), bytes.Repeat([]byte(" "), 50<<20)...)
		}, "more than the 16777216 that are read"},
		{"50 MiB/older format", signaturetest.Signing{PredicateType: provenance, Predicate: large, Legacy: true}, nil, func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Payload = append(bytes.Clone(l.Payload), bytes.Repeat([]byte(" "), 50<<20)...)
			a.evidence.Legacy = &l
		}, "more than the 16777216 that are read"},
		{"50 MiB in an annotation/older format", signaturetest.Signing{Legacy: true}, nil, func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Chain += strings.Repeat("\n", 50<<20)
			a.evidence.Legacy = &l
		}, "more than the 16777216 that are read"},
		{"10,000 signatures/bundle", signaturetest.Signing{}, nil, repeat("dsseEnvelope.signatures", 10_000), "10000 signatures, not one"},
		{"10,000 signatures/older format", signaturetest.Signing{PredicateType: provenance, Legacy: true}, nil, func(t testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Payload = editJSON(t, l.Payload, "signatures", func(v any) any {
				var out []any
				for range 10_000 {
					out = append(out, v.([]any)[0])
				}
				return out
			})
			a.evidence.Legacy = &l
		}, "10000 signatures, not one"},
		{"1,000 log entries/bundle", signaturetest.Signing{}, nil, repeat("verificationMaterial.tlogEntries", 1_000), "too many tlog entries"},
		{"10,000 timestamps/bundle", unlogged, ignoreLog, repeat(timestamps, 10_000), "too many signed timestamps"},
		{"10,000 certificates/older format", signaturetest.Signing{Legacy: true}, nil, func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Chain = strings.Repeat(l.Certificate, 10_000)
			a.evidence.Legacy = &l
		}, "chain annotation: "},
	})
}

// TestParseLimit has the reader refuse what Verify would.
func TestParseLimit(t *testing.T) {
	e := sign(t, signaturetest.Signing{})
	if _, err := signature.ParseEvidence(e.Bundle); err != nil {
		t.Fatal(err)
	}
	if _, err := signature.ParseEvidence(append(bytes.Clone(e.Bundle), bytes.Repeat([]byte(" "), 50<<20)...)); err == nil {
		t.Error("50 MiB accepted")
	}
}

// TestDepth has the parsers refuse JSON that is nested without end rather than
// follow it.
func TestDepth(t *testing.T) {
	for _, data := range []string{
		strings.Repeat("[", 1<<20),
		`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":` + strings.Repeat(`{"a":`, 1<<20),
	} {
		e, err := signature.ParseEvidence([]byte(data))
		if err == nil {
			_, err = signature.Verify(app(), e, byIdentity(t))
		}
		if err == nil {
			t.Errorf("accepted %.40s…", data)
		}
	}
}
