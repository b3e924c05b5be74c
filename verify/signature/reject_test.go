package signature_test

import (
	"crypto"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// unlogged is evidence whose signature alone stands between it and acceptance: no
// log knows it.
var unlogged = signaturetest.Signing{Log: signaturetest.NoLog, Timestamp: true}

func ignoreLog(_ testing.TB, a *attempt) { a.requirement.NoLogUnsafe = true }

// TestWhat has evidence refused that is not about the image, or not what is asked
// for.
func TestWhat(t *testing.T) {
	attested := signaturetest.Signing{PredicateType: provenance}
	var tests []twin
	tests = append(tests, both(twin{"other digest", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
		a.subject.Digest = digestOf("another image")
	}, "it is not about sha256:"})...)
	tests = append(tests, both(twin{"other digest of an attestation", attested, nil, func(_ testing.TB, a *attempt) {
		a.subject.Digest = digestOf("another image")
	}, "it is not about sha256:"})...)
	tests = append(tests, both(twin{"digest that is none", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
		a.subject.Digest = strings.ToUpper(image)
	}, "is not a sha256 or sha512 digest"})...)
	tests = append(tests, both(twin{"signature where an attestation is demanded", signaturetest.Signing{}, nil,
		func(_ testing.TB, a *attempt) {
			a.requirement.Kind, a.requirement.PredicateType = signature.Attestation, provenance
		}, "expected attestation, found "})...)
	tests = append(tests, both(twin{"attestation where a signature is demanded", attested, nil, func(_ testing.TB, a *attempt) {
		a.requirement.Kind, a.requirement.PredicateType = signature.Signature, ""
	}, "expected signature of an image, found attestation of type"})...)
	tests = append(tests, both(twin{"wrong predicate type", attested, nil, func(_ testing.TB, a *attempt) {
		a.requirement.PredicateType = provenance + "/"
	}, "its predicate type is"})...)
	tests = append(tests,
		twin{"other repository in docker-reference", signaturetest.Signing{Legacy: true}, nil, func(_ testing.TB, a *attempt) {
			a.subject.Repository = "registry.example/team/other"
		}, "its docker-reference names registry.example/team/app, not registry.example/team/other"},
		twin{"other repository where any will do", signaturetest.Signing{Legacy: true, Reference: "elsewhere.example/app"},
			func(_ testing.TB, a *attempt) { a.requirement.AnyRepositoryUnsafe = true },
			func(_ testing.TB, a *attempt) { a.requirement.AnyRepositoryUnsafe = false },
			"its docker-reference names elsewhere.example/app"},
		twin{"docker-reference with another digest", signaturetest.Signing{Legacy: true, Reference: repository + ":v1@" + image}, nil,
			again(signaturetest.Signing{Legacy: true, Reference: repository + "@" + digestOf("another image")}),
			"its docker-reference names the digest"},
		twin{"docker-reference that is none", signaturetest.Signing{Legacy: true, Reference: repository + ":v1"}, nil,
			again(signaturetest.Signing{Legacy: true, Reference: "/"}), "docker-reference: "},
		twin{"simple-signing payload of another type", signaturetest.Signing{Legacy: true}, nil, func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Payload = []byte(strings.Replace(string(l.Payload), "cosign container image", "atomic container", 1))
			a.evidence.Legacy = &l
		}, "the type is \"atomic container signature\""},
		twin{"signature of a signed image, asked for as of the artifact itself", signaturetest.Signing{Legacy: true}, nil,
			func(_ testing.TB, a *attempt) { a.requirement.Kind = signature.Artifact }, "not of the artifact itself"},
	)
	runTwins(t, tests)
}

// TestWho has evidence refused that somebody else signed.
func TestWho(t *testing.T) {
	p256, ed := signer(t, "P-256"), signer(t, "Ed25519")
	demand := func(issuer, issuerRegExp, subject, subjectRegExp string) func(testing.TB, *attempt) {
		return func(t testing.TB, a *attempt) {
			a.requirement.Identities = []signature.Identity{identity(t, issuer, issuerRegExp, subject, subjectRegExp)}
		}
	}
	var tests []twin
	tests = append(tests, both(twin{"other key", signaturetest.Signing{Key: p256}, nil, func(t testing.TB, a *attempt) {
		a.requirement.Keys = []signature.Key{key(t, ed.Public(), "")}
	}, "key sha256:"})...)
	tests = append(tests, both(twin{"one of several keys", signaturetest.Signing{Key: p256}, func(t testing.TB, a *attempt) {
		a.requirement.Keys = []signature.Key{key(t, ed.Public(), ""), key(t, p256.Public(), "")}
	}, func(_ testing.TB, a *attempt) { a.requirement.Keys = a.requirement.Keys[:1] }, "key sha256:"})...)
	tests = append(tests, both(twin{"other subject", signaturetest.Signing{}, nil, demand(issuer, "", subject+"0", ""),
		`it is signed by ` + subject + ` (issuer ` + issuer + `), not by subject "` + subject + `0"`})...)
	tests = append(tests, both(twin{"other issuer", signaturetest.Signing{}, nil, demand(issuer+"/", "", subject, ""),
		`it is signed by `})...)
	tests = append(tests, both(twin{"one of several identities", signaturetest.Signing{}, func(t testing.TB, a *attempt) {
		a.requirement.Identities = append([]signature.Identity{identity(t, issuer, "", "somebody@else.example", "")}, a.requirement.Identities...)
	}, func(_ testing.TB, a *attempt) { a.requirement.Identities = a.requirement.Identities[:1] }, "it is signed by "})...)
	tests = append(tests, both(twin{"subject regexp that matches a part", signaturetest.Signing{},
		demand(issuer, "", "", `https://github\.com/acme/app/.*`), demand(issuer, "", "", `https://github\.com/acme/app/`),
		"it is signed by "})...)
	tests = append(tests, both(twin{"subject regexp with an alternative that matches a part", signaturetest.Signing{},
		demand(issuer, "", "", `x|https://github\.com/acme/.*`), demand(issuer, "", "", `https://github\.com|v1`),
		"it is signed by "})...)
	tests = append(tests, both(twin{"issuer regexp that matches a part", signaturetest.Signing{},
		demand("", `https://token\..*`, subject, ""), demand("", `https://token\.`, subject, ""), "it is signed by "})...)
	tests = append(tests, both(twin{"subject right and its regexp not", signaturetest.Signing{},
		demand(issuer, "", subject, `https://.*`), demand(issuer, "", subject, `http://.*`), "it is signed by "})...)
	tests = append(tests, both(twin{"certificate of another root", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
		a.requirement.Trust = trusting(t, parts{authority: stranger(t).AuthorityPEM()})
	}, "leaf certificate verification failed"})...)
	tests = append(tests, both(twin{"key's signature where an identity is demanded", signaturetest.Signing{Key: p256}, nil,
		func(t testing.TB, a *attempt) { a.requirement = byIdentity(t) }, "without a certificate"})...)
	tests = append(tests,
		twin{"identity's signature where a key is demanded", signaturetest.Signing{}, nil,
			func(t testing.TB, a *attempt) { a.requirement = byKey(t, p256.Public()) }, "not by a bare key"},
		twin{"certificate that only the chain leads from", signaturetest.Signing{Legacy: true}, func(t testing.TB, a *attempt) {
			a.requirement.Trust = trusting(t, parts{authority: rootOnly(sigstore(t).AuthorityPEM())})
		}, func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Chain = ""
			a.evidence.Legacy = &l
		}, "leaf certificate verification failed"},
		twin{"chain with a root of its own", signaturetest.Signing{Legacy: true}, nil, func(t testing.TB, a *attempt) {
			a.evidence = signBy(t, stranger(t), signaturetest.Signing{Legacy: true, Log: signaturetest.NoLog, Timestamp: true})
			a.requirement.NoLogUnsafe = true
			a.requirement.Trust = trusting(t, parts{log: stranger(t), ctLog: stranger(t), stamper: stranger(t)})
		}, "leaf certificate verification failed"},
	)
	runTwins(t, tests)
}

// TestHashAlgorithm has signatures refused that are over another hash than the key is
// said to sign with.
func TestHashAlgorithm(t *testing.T) {
	tests := []struct {
		kind    string
		hash    crypto.Hash
		accepts []string // of the names below and ""
	}{
		{"P-256", crypto.SHA256, []string{"", "sha256"}},
		{"P-384", crypto.SHA384, []string{"", "sha384"}},
		{"P-384", crypto.SHA256, []string{"", "sha256"}},
		{"P-521", crypto.SHA512, []string{"", "sha512"}},
		{"RSA", crypto.SHA256, []string{"", "sha256"}},
		{"RSA", crypto.SHA512, []string{"sha512"}},
	}
	for _, tt := range tests {
		for _, name := range []string{"", "sha224", "sha256", "sha384", "sha512"} {
			private := signer(t, tt.kind)
			e := sign(t, signaturetest.Signing{Key: private, Hash: tt.hash, Legacy: true})
			r := byKey(t, private.Public())
			r.Keys = []signature.Key{key(t, private.Public(), name)}
			_, err := signature.Verify(app(), e, r)
			want := strings.Contains(" "+strings.Join(tt.accepts, " ")+" ", " "+name+" ")
			if got := err == nil; got != want {
				t.Errorf("%s over %s with hashAlgorithm %q: accepted %t, want %t: %v", tt.kind, tt.hash, name, got, want, err)
			}
		}
	}
}

// TestAltered has evidence refused of which a byte is not as it was signed.
func TestAltered(t *testing.T) {
	p256 := signer(t, "P-256")
	elsewhere := unlogged
	elsewhere.Digest = digestOf("another image")
	byKeyAlone := signaturetest.Signing{Key: p256, Log: signaturetest.NoLog}
	const envelope, leaf = "dsseEnvelope", "verificationMaterial.certificate.rawBytes"
	legacyPart := func(change func(t testing.TB, l *signature.Legacy)) func(testing.TB, *attempt) {
		return func(t testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			change(t, &l)
			a.evidence.Legacy = &l
		}
	}
	inLegacy := func(s signaturetest.Signing) signaturetest.Signing {
		s.Legacy = true
		return s
	}
	runTwins(t, []twin{
		{"payload/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.set(t, envelope+".payload", member(t, sign(t, elsewhere), envelope+".payload"))
			a.subject.Digest = elsewhere.Digest
		}, "could not verify envelope"},
		{"payload, by key/bundle", byKeyAlone, ignoreLog, func(t testing.TB, a *attempt) {
			a.set(t, envelope+".payload", member(t, sign(t, elsewhere), envelope+".payload"))
			a.subject.Digest = elsewhere.Digest
		}, "could not verify envelope"},
		{"payload type/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.set(t, envelope+".payloadType", "application/json")
		}, "the envelope's payload is \"application/json\""},
		{"signature/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.edit(t, envelope+".signatures.0.sig", flip)
		}, "verif"},
		{"certificate/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.set(t, leaf, member(t, sign(t, signaturetest.Signing{}), leaf))
		}, "transparency log certificate does not match"},
		{"certificate that no log knows/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.set(t, leaf, member(t, sign(t, unlogged), leaf))
		}, "could not verify envelope"},
		{"byte of the certificate/bundle", unlogged, ignoreLog, func(t testing.TB, a *attempt) {
			a.edit(t, leaf, flip)
		}, "leaf certificate verification failed"},
		{"payload/older format", inLegacy(unlogged), ignoreLog, func(t testing.TB, a *attempt) {
			legacyPart(func(t testing.TB, l *signature.Legacy) { l.Payload = sign(t, inLegacy(elsewhere)).Legacy.Payload })(t, a)
			a.subject.Digest = elsewhere.Digest
		}, "could not verify message"},
		{"space in the payload/older format", inLegacy(unlogged), ignoreLog, legacyPart(func(_ testing.TB, l *signature.Legacy) {
			l.Payload = append(l.Payload[:len(l.Payload):len(l.Payload)], ' ')
		}), "could not verify message"},
		{"signature/older format", inLegacy(byKeyAlone), ignoreLog, legacyPart(func(_ testing.TB, l *signature.Legacy) {
			l.Signature = flip(l.Signature).(string)
		}), "could not verify message"},
		{"certificate/older format", inLegacy(signaturetest.Signing{}), nil, legacyPart(func(t testing.TB, l *signature.Legacy) {
			l.Certificate = sign(t, inLegacy(signaturetest.Signing{})).Legacy.Certificate
		}), "transparency log certificate does not match"},
		{"certificate that no log knows/older format", inLegacy(unlogged), ignoreLog, legacyPart(func(t testing.TB, l *signature.Legacy) {
			l.Certificate = sign(t, inLegacy(unlogged)).Legacy.Certificate
		}), "could not verify message"},
	})
}

// flip changes the last byte but one of something in base64, which leaves the form
// of a signature and of a certificate whole.
func flip(v any) any {
	data, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		return "not base64"
	}
	data[len(data)-2] ^= 1
	return base64.StdEncoding.EncodeToString(data)
}

// rootOnly is the last certificate of a chain.
func rootOnly(chain []byte) []byte {
	i := strings.LastIndex(string(chain), "-----BEGIN")
	return chain[i:]
}
