package signature_test

import (
	"bytes"
	"encoding/base64"
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
		{"1,000 signatures/bundle", signaturetest.Signing{}, nil, repeat("dsseEnvelope.signatures", 1_000), "1000 signatures, not one"},
		{"10,000 signatures/bundle", signaturetest.Signing{}, nil, repeat("dsseEnvelope.signatures", 10_000), "bytes besides the payload"},
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
		}, "bytes besides the payload"},
		{"10 log entries/bundle", signaturetest.Signing{}, nil, repeat("verificationMaterial.tlogEntries", 10), "10 log entries, more than the 4"},
		{"100 timestamps/bundle", unlogged, ignoreLog, repeat(timestamps, 100), "100 timestamps, more than the 4"},
	})
}

// TestBounds has evidence refused that would have a parser recurse too deep, or
// take too much memory or time.
func TestBounds(t *testing.T) {
	runTwins(t, []twin{
		{"log entry of 100 KiB/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.set(t, entry+".canonicalizedBody", base64.StdEncoding.EncodeToString(make([]byte, 100<<10)))
		}, "a log entry of 102400 bytes"},
		{"log entry of 1 MiB/older format", signaturetest.Signing{Legacy: true}, nil, promise("Payload.body", func(any) any {
			return base64.StdEncoding.EncodeToString(make([]byte, 1<<20))
		}), "a log entry of 1048576 bytes"},
		{"timestamp that nests without end/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.set(t, timestamps+".0.signedTimestamp", nested(100<<10))
		}, "a timestamp of"},
		{"timestamp that nests without end/older format", signaturetest.Signing{Legacy: true, Timestamp: true}, nil, func(t testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Timestamp = string(editJSON(t, []byte(l.Timestamp), "SignedRFC3161Timestamp", func(any) any { return nested(10 << 20) }))
			a.evidence.Legacy = &l
		}, "a timestamp of"},
		{"timestamp that nests as far as it may/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.set(t, timestamps+".0.signedTimestamp", nested(15<<10))
		}, "threshold not met"},
		{"millions of empty log entries/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.set(t, "verificationMaterial.tlogEntries", json.RawMessage("["+strings.Repeat("{},", 3<<20)+"{}]"))
		}, "bytes besides the payload"},
		{"millions of empty log entries before the true ones/bundle", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
			empty := `{"verificationMaterial":{"tlogEntries":[` + strings.Repeat("{},", 3<<20) + "{}]},"
			a.evidence.Bundle = append([]byte(empty), a.evidence.Bundle[1:]...)
		}, "bytes besides the payload"},
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

// nested is a timestamp response whose token holds indefinite lengths within
// indefinite lengths, in base64. A parser that follows a large one runs out of stack,
// which ends the process.
func nested(size int) string {
	token := append(bytes.Repeat([]byte{0x30, 0x80}, size/4), make([]byte, size/2)...)
	status := []byte{0x30, 0x03, 0x02, 0x01, 0x00}
	return base64.StdEncoding.EncodeToString(sequence(append(status, sequence(token)...)))
}

// sequence is an ASN.1 sequence of at least 256 bytes.
func sequence(content []byte) []byte {
	n := len(content)
	if n < 1<<16 {
		return append([]byte{0x30, 0x82, byte(n >> 8), byte(n)}, content...)
	}
	return append([]byte{0x30, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
}
