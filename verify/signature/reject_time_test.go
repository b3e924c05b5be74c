package signature_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

const (
	entry      = "verificationMaterial.tlogEntries.0"
	timestamps = "verificationMaterial.timestampVerificationData.rfc3161Timestamps"
)

// promise changes the log entry of the older format. The entry's body is JSON in the
// promise, which stays as it is.
func promise(path string, change func(any) any) func(testing.TB, *attempt) {
	return func(t testing.TB, a *attempt) {
		t.Helper()
		l := *a.evidence.Legacy
		l.Bundle = string(editJSON(t, []byte(l.Bundle), path, change))
		a.evidence.Legacy = &l
	}
}

func later(v any) any {
	switch v := v.(type) {
	case json.Number: // in the older format
		n, _ := v.Int64()
		return n + 1
	case string: // as protojson writes 64 bits
		return json.Number(v).String()[:len(v)-1] + "9"
	}
	return nil
}

// TestLog has evidence refused that a log does not vouch for as is demanded.
func TestLog(t *testing.T) {
	p256 := signer(t, "P-256")
	v2 := signaturetest.Signing{Log: signaturetest.LogV2, Timestamp: true}
	var tests []twin
	tests = append(tests, both(twin{"no entry where one is demanded", unlogged, ignoreLog,
		func(_ testing.TB, a *attempt) { a.requirement.NoLogUnsafe = false }, "not enough verified log entries"})...)
	tests = append(tests, both(twin{"no entry where one is demanded, by key", signaturetest.Signing{Key: p256, Log: signaturetest.NoLog},
		ignoreLog, func(_ testing.TB, a *attempt) { a.requirement.NoLogUnsafe = false }, "not enough verified log entries"})...)
	tests = append(tests, both(twin{"entry in a log that is not trusted", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
		a.requirement.Trust = trusting(t, parts{log: stranger(t)})
	}, "not enough verified log entries"})...)
	tests = append(tests, both(twin{"no trust at all", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
		a.requirement.Trust = nil
	}, "not enough verified log entries"})...)
	tests = append(tests, both(twin{"log trusted only later", signaturetest.Signing{}, trustLogFrom(signaturetest.Epoch),
		trustLogFrom(signaturetest.Epoch.Add(time.Second)), "not enough verified log entries"})...)
	tests = append(tests,
		twin{"another signature's entry/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.set(t, entry, member(t, sign(t, signaturetest.Signing{}), entry))
		}, "transparency log signature does not match"},
		twin{"another signature's entry, by the same key/bundle", signaturetest.Signing{Key: p256}, nil, func(t testing.TB, a *attempt) {
			a.set(t, entry, member(t, sign(t, signaturetest.Signing{Key: p256}), entry))
		}, "transparency log signature does not match"},
		twin{"another signature's entry/Rekor v2", v2, nil, func(t testing.TB, a *attempt) {
			a.set(t, entry, member(t, sign(t, v2), entry))
		}, "verifying log entry"},
		twin{"another signature's entry/older format", signaturetest.Signing{Legacy: true}, nil, func(t testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Bundle = sign(t, signaturetest.Signing{Legacy: true}).Legacy.Bundle
			a.evidence.Legacy = &l
		}, "transparency log signature does not match"},
		twin{"altered integrated time/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.edit(t, entry+".integratedTime", later)
		}, "not enough verified log entries"},
		twin{"altered integrated time/older format", signaturetest.Signing{Legacy: true}, nil, promise("Payload.integratedTime", later),
			"not enough verified log entries"},
		twin{"altered log index/older format", signaturetest.Signing{Legacy: true}, nil, promise("Payload.logIndex", later),
			"not enough verified log entries"},
		twin{"altered promise/older format", signaturetest.Signing{Legacy: true}, nil, promise("SignedEntryTimestamp", flip),
			"not enough verified log entries"},
		twin{"altered promise/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.edit(t, entry+".inclusionPromise.signedEntryTimestamp", flip)
		}, "not enough verified log entries"},
		twin{"altered checkpoint/bundle", signaturetest.Signing{}, nil, reroot, "checkpoint"},
		twin{"altered checkpoint/Rekor v2", v2, nil, reroot, "checkpoint"},
		twin{"proof of another entry/Rekor v2", v2, nil, func(t testing.TB, a *attempt) {
			a.set(t, entry+".inclusionProof", member(t, sign(t, v2), entry+".inclusionProof"))
		}, "verifying log entry"},
		twin{"no proof/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.set(t, entry+".inclusionProof", nil)
		}, "inclusion proof missing"},
		twin{"the same entry twice", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			e := member(t, a.evidence, entry)
			a.set(t, "verificationMaterial.tlogEntries", []any{e, e})
		}, "duplicate tlog entries"},
	)
	runTwins(t, tests)
}

// reroot changes the root hash that a checkpoint names, which its signature is over.
func reroot(t testing.TB, a *attempt) {
	t.Helper()
	a.edit(t, entry+".inclusionProof.checkpoint.envelope", func(v any) any {
		lines := strings.Split(v.(string), "\n")
		lines[2] = flip(lines[2]).(string)
		return strings.Join(lines, "\n")
	})
}

// trustLogFrom trusts the instance's log from a time on.
func trustLogFrom(start time.Time) func(testing.TB, *attempt) {
	return func(t testing.TB, a *attempt) {
		t.Helper()
		a.requirement.Trust = trusting(t, parts{logValidity: signature.Validity{Start: start}})
	}
}

// TestTime has certificates refused that were not valid when they were used, or of
// which nobody says when.
func TestTime(t *testing.T) {
	atEnd := signaturetest.Signing{Issued: signaturetest.Epoch.Add(-10 * time.Minute)}
	tooLate := signaturetest.Signing{Issued: signaturetest.Epoch.Add(-10*time.Minute - time.Second)}
	tooEarly := signaturetest.Signing{Issued: signaturetest.Epoch.Add(time.Second)}
	stamped := func(s signaturetest.Signing) signaturetest.Signing {
		s.Log, s.Timestamp = signaturetest.NoLog, true
		return s
	}
	legacy := func(s signaturetest.Signing, is bool) signaturetest.Signing {
		s.Legacy = is
		return s
	}
	var tests []twin
	for _, is := range []bool{false, true} {
		name := map[bool]string{false: "/bundle", true: "/older format"}[is]
		tests = append(tests,
			twin{"logged after the certificate's end" + name, legacy(atEnd, is), nil, again(legacy(tooLate, is)),
				"integrated time outside certificate validity"},
			twin{"logged before the certificate's start" + name, legacy(atEnd, is), nil, again(legacy(tooEarly, is)),
				"integrated time outside certificate validity"},
			twin{"stamped after the certificate's end" + name, legacy(stamped(atEnd), is), ignoreLog, again(legacy(stamped(tooLate), is)),
				"leaf certificate verification failed"},
			twin{"stamped before the certificate's start" + name, legacy(stamped(atEnd), is), ignoreLog, again(legacy(stamped(tooEarly), is)),
				"leaf certificate verification failed"},
			twin{"no time at all" + name, legacy(unlogged, is), ignoreLog,
				again(signaturetest.Signing{Log: signaturetest.NoLog, Legacy: is}), "threshold not met"},
			twin{"a log's time where the log does not count" + name, legacy(signaturetest.Signing{}, is), nil, ignoreLog, "threshold not met"},
			twin{"certificate without SCT" + name, legacy(signaturetest.Signing{NoSCT: true}, is),
				func(_ testing.TB, a *attempt) { a.requirement.NoSCTUnsafe = true },
				func(_ testing.TB, a *attempt) { a.requirement.NoSCTUnsafe = false }, "signed certificate timestamp"},
			twin{"SCT of another log" + name, legacy(signaturetest.Signing{}, is), nil, strangerCTLog, "signed certificate timestamp"},
		)
	}
	tests = append(tests, twin{"Rekor v2 names no time", signaturetest.Signing{Log: signaturetest.LogV2, Timestamp: true}, nil,
		again(signaturetest.Signing{Log: signaturetest.LogV2}), "threshold not met"})
	runTwins(t, tests)
}

// strangerCTLog trusts all of the instance but its certificate transparency log.
func strangerCTLog(t testing.TB, a *attempt) {
	t.Helper()
	a.requirement.Trust = trusting(t, parts{ctLog: stranger(t)})
}

// TestTimestamp has evidence refused that lacks the timestamp which is demanded.
func TestTimestamp(t *testing.T) {
	demanded := func(_ testing.TB, a *attempt) { a.requirement.Timestamp = true }
	withStamp := signaturetest.Signing{Timestamp: true}
	keyed := signaturetest.Signing{Key: signer(t, "P-256"), Timestamp: true}
	keyedWithout := signaturetest.Signing{Key: signer(t, "P-256")}
	var tests []twin
	for _, predicate := range []string{"", provenance} {
		name := map[string]string{"": "signature", provenance: "attestation"}[predicate]
		withStamp, keyed, keyedWithout := withStamp, keyed, keyedWithout
		withStamp.PredicateType, keyed.PredicateType, keyedWithout.PredicateType = predicate, predicate, predicate
		tests = append(tests, both(twin{"none/" + name, withStamp, demanded, func(t testing.TB, a *attempt) {
			a.evidence = sign(t, signaturetest.Signing{PredicateType: predicate, Legacy: a.evidence.Legacy != nil})
		}, "no trusted timestamp authority has stamped it"})...)
		tests = append(tests, both(twin{"none, by key/" + name, keyed, demanded, func(t testing.TB, a *attempt) {
			keyedWithout.Legacy = a.evidence.Legacy != nil
			a.evidence = sign(t, keyedWithout)
		}, "no trusted timestamp authority has stamped it"})...)
		tests = append(tests, both(twin{"of an authority that is not trusted/" + name, withStamp, demanded, strangerStamp,
			"no trusted timestamp authority has stamped it"})...)
		tests = append(tests, both(twin{"of another signature/" + name, withStamp, demanded, otherStamp,
			"no trusted timestamp authority has stamped it"})...)
	}
	runTwins(t, tests)
}

// strangerStamp trusts all of the instance but its timestamp authority.
func strangerStamp(t testing.TB, a *attempt) {
	t.Helper()
	a.requirement.Trust = trusting(t, parts{stamper: stranger(t)})
}

// otherStamp gives the evidence the timestamp of another signature.
func otherStamp(t testing.TB, a *attempt) {
	t.Helper()
	if a.evidence.Legacy == nil {
		a.set(t, timestamps, member(t, sign(t, signaturetest.Signing{Timestamp: true}), timestamps))
		return
	}
	l := *a.evidence.Legacy
	other := signaturetest.Signing{Timestamp: true, Legacy: true}
	if l.MediaType == signature.MediaTypeDSSE {
		other.PredicateType = provenance
	}
	l.Timestamp = sign(t, other).Legacy.Timestamp
	a.evidence.Legacy = &l
}

// TestRekorBody has a log entry refused whose body is a number, which has brought
// down other verifiers.
func TestRekorBody(t *testing.T) {
	number := func(any) any { return 42 }
	encoded := func(any) any { return base64.StdEncoding.EncodeToString([]byte("42")) }
	runTwins(t, []twin{
		{"number/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) { a.edit(t, entry+".canonicalizedBody", number) }, "bundle: "},
		{"number/older format", signaturetest.Signing{Legacy: true}, nil, promise("Payload.body", number), "bundle annotation: "},
		{"number, encoded/bundle", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) { a.edit(t, entry+".canonicalizedBody", encoded) }, "bundle: "},
		{"number, encoded/older format", signaturetest.Signing{Legacy: true}, nil, promise("Payload.body", encoded), "bundle annotation: "},
		{"nothing/older format", signaturetest.Signing{Legacy: true}, nil, promise("Payload.body", func(any) any { return nil }), "bundle annotation: "},
		{"timestamp that is a number/older format", signaturetest.Signing{Legacy: true, Timestamp: true}, nil, func(_ testing.TB, a *attempt) {
			l := *a.evidence.Legacy
			l.Timestamp = "42"
			a.evidence.Legacy = &l
		}, "rfc3161timestamp annotation: "},
	})
}
