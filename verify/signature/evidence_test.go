package signature_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// TestEvidence stores evidence and reads it back, byte for byte, and what was read
// verifies as it did.
func TestEvidence(t *testing.T) {
	for name, signing := range map[string]signaturetest.Signing{
		"bundle":                    {Timestamp: true},
		"older format":              {Timestamp: true, Legacy: true},
		"older format, attestation": {Timestamp: true, Legacy: true, PredicateType: provenance},
		"older format, by key":      {Key: signer(t, "RSA"), Legacy: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := sign(t, signing)
			data := e.Format()
			back, err := signature.ParseEvidence(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, back); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(data), string(back.Format())); diff != "" {
				t.Errorf("stored again (-want +got):\n%s", diff)
			}
			r := byIdentity(t)
			if signing.Key != nil {
				r = byKey(t, signing.Key.Public())
			}
			if signing.PredicateType != "" {
				r.Kind, r.PredicateType = signature.Attestation, signing.PredicateType
			}
			if _, err := signature.Verify(app(), back, r); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFormat holds the stored form of the older format as the package documents it.
func TestFormat(t *testing.T) {
	e := signature.Evidence{Legacy: &signature.Legacy{MediaType: signature.MediaTypeSimpleSigning, Payload: []byte(`{"a":"<>"}`),
		Signature: "c2ln", Certificate: "c&\n", Chain: "d", Bundle: `{"Payload":{}}`, Timestamp: "{}"}}
	const want = `{"schema":"plumb.dev/evidence/v1","mediaType":"application/vnd.dev.cosign.simplesigning.v1+json",` +
		`"payload":"eyJhIjoiPD4ifQ==","signature":"c2ln","certificate":"c&\n","chain":"d","bundle":"{\"Payload\":{}}",` +
		`"rfc3161timestamp":"{}"}` + "\n"
	if diff := cmp.Diff(want, string(e.Format())); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if got := (signature.Evidence{}).Format(); got != nil {
		t.Errorf("no evidence is stored as %q", got)
	}
}

func TestParseEvidenceRefuses(t *testing.T) {
	const good = `{"schema":"plumb.dev/evidence/v1","mediaType":"application/vnd.dev.cosign.simplesigning.v1+json",` +
		`"payload":"e30=","signature":"c2ln"}` + "\n"
	if _, err := signature.ParseEvidence([]byte(good)); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, data, want string }{
		{"nothing", "", "unexpected end"},
		{"no JSON", "x", "invalid character"},
		{"no object", "[]", "cannot unmarshal"},
		{"neither schema nor media type", "{}", `media type "" is not that of a sigstore bundle`},
		{"index", `{"mediaType":"application/vnd.oci.image.index.v1+json"}`, "is not that of a sigstore bundle"},
		{"later schema", strings.Replace(good, "evidence/v1", "evidence/v2", 1), `schema "plumb.dev/evidence/v2" is not known`},
		{"other media type", strings.Replace(good, "simplesigning", "other", 1), "neither a signature's nor an attestation's"},
		{"no newline", strings.TrimSpace(good), "not in the form"},
		{"two newlines", good + "\n", "not in the form"},
		{"white space", strings.Replace(good, ",", ", ", 1), "not in the form"},
		{"unknown member", strings.Replace(good, `"signature"`, `"extra":1,"signature"`, 1), "unknown field"},
		{"member twice", strings.Replace(good, `"signature"`, `"signature":"x","signature"`, 1), "not in the form"},
		{"member in capitals", strings.Replace(good, `"signature"`, `"Signature"`, 1), "not in the form"},
		{"empty member", strings.Replace(good, `"signature"`, `"chain":"","signature"`, 1), "not in the form"},
		{"payload that is no base64", strings.Replace(good, "e30=", "e30", 1), "illegal base64"},
		{"two documents", good + good, "invalid character"},
	}
	for _, tt := range tests {
		_, err := signature.ParseEvidence([]byte(tt.data))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestMalformed has evidence refused that is not of the form that it says.
func TestMalformed(t *testing.T) {
	simple := signaturetest.Signing{Legacy: true, Timestamp: true}
	attested := signaturetest.Signing{Legacy: true, Timestamp: true, PredicateType: provenance}
	part := func(change func(l *signature.Legacy)) func(testing.TB, *attempt) {
		return func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			change(&l)
			a.evidence.Legacy = &l
		}
	}
	body := func(path string, value any) func(testing.TB, *attempt) {
		return func(t testing.TB, a *attempt) { a.set(t, path, value) }
	}
	runTwins(t, []twin{
		{"payload", simple, nil, part(func(l *signature.Legacy) { l.Payload = []byte("null") }), "simple-signing payload: "},
		{"payload that is empty", simple, nil, part(func(l *signature.Legacy) { l.Payload = nil }), "simple-signing payload: "},
		{"signature", simple, nil, part(func(l *signature.Legacy) { l.Signature = "?" }), "signature annotation: "},
		{"signature that is empty", simple, nil, part(func(l *signature.Legacy) { l.Signature = "" }), "signature annotation: it is empty"},
		{"certificate", simple, nil, part(func(l *signature.Legacy) { l.Certificate = "x" }), "certificate annotation: not a PEM block"},
		{"certificate twice", simple, nil, part(func(l *signature.Legacy) { l.Certificate += l.Certificate }), "certificate annotation: 2 certificates"},
		{"certificate that is a key", simple, nil, part(func(l *signature.Legacy) {
			l.Certificate = strings.ReplaceAll(l.Certificate, "CERTIFICATE", "PRIVATE KEY")
		}), `the PEM block is a "PRIVATE KEY"`},
		{"no certificate", simple, nil, part(func(l *signature.Legacy) { l.Certificate = "" }), "without a certificate"},
		{"chain", simple, nil, part(func(l *signature.Legacy) { l.Chain = "x" }), "chain annotation: not a PEM block"},
		{"bundle", simple, nil, part(func(l *signature.Legacy) { l.Bundle = "x" }), "bundle annotation: "},
		{"bundle that is empty", simple, nil, part(func(l *signature.Legacy) { l.Bundle = "{}" }), "bundle annotation: "},
		{"bundle that is null", simple, nil, part(func(l *signature.Legacy) { l.Bundle = "null" }), "bundle annotation: "},
		{"log's name", simple, nil, promise("Payload.logID", func(any) any { return "x" }), "bundle annotation: logID"},
		{"timestamp", simple, nil, part(func(l *signature.Legacy) { l.Timestamp = "x" }), "rfc3161timestamp annotation: "},
		{"annotation that is no UTF-8", simple, nil, part(func(l *signature.Legacy) { l.Timestamp = "\xff" }), "not UTF-8"},
		{"media type", simple, nil, part(func(l *signature.Legacy) { l.MediaType = "" }), "neither a signature's nor an attestation's"},
		{"attestation as a signature", attested, nil, part(func(l *signature.Legacy) { l.MediaType = signature.MediaTypeSimpleSigning }), "signature annotation: "},
		{"signature as an attestation", simple, nil, part(func(l *signature.Legacy) { l.MediaType = signature.MediaTypeDSSE }), "an envelope has its own"},
		{"envelope", attested, nil, part(func(l *signature.Legacy) { l.Payload = []byte("x") }), "envelope: "},
		{"envelope that is null", attested, nil, part(func(l *signature.Legacy) { l.Payload = []byte("null") }), "the envelope has 0 signatures"},
		{"envelope's payload", attested, nil, func(t testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Payload = editJSON(t, l.Payload, "payload", func(any) any { return "?" })
			a.evidence.Legacy = &l
		}, "the envelope's payload: "},
		{"statement", signaturetest.Signing{}, nil, body("dsseEnvelope.payload", "e30="), "in-toto statement: the type is"},
		{"statement that is null", signaturetest.Signing{}, nil, body("dsseEnvelope.payload", "bnVsbA=="), "in-toto statement: the type is"},
		{"statement that is a list", signaturetest.Signing{}, nil, body("dsseEnvelope.payload", "W10="), "in-toto statement: "},
		{"no envelope", signaturetest.Signing{}, nil, body("dsseEnvelope", nil), "bundle: "},
		{"empty envelope", signaturetest.Signing{}, nil, body("dsseEnvelope", map[string]any{}), "bundle: "},
		{"no material", signaturetest.Signing{}, nil, body("verificationMaterial", nil), "bundle: "},
		{"no certificate in the material", signaturetest.Signing{}, nil, body("verificationMaterial.certificate", nil), "bundle: "},
		{"unknown member", signaturetest.Signing{}, nil, body("extra", 1), "bundle: "},
		{"later version", signaturetest.Signing{}, nil, body("mediaType", "application/vnd.dev.sigstore.bundle.v0.4+json"), "not yet supported"},
		{"log entry that is null", signaturetest.Signing{}, nil, body(entry, nil), "bundle: "},
		{"log entry without a log", signaturetest.Signing{}, nil, body(entry+".logId", nil), "bundle: "},
		{"timestamp that is null", unlogged, ignoreLog, body(timestamps, []any{nil}), ""},
	})
}
