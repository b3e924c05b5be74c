package signature_test

import (
	"encoding/json"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// indexOf is an index that lists digests.
func indexOf(t testing.TB, digests ...string) []byte {
	t.Helper()
	var manifests []map[string]any
	for _, d := range digests {
		manifests = append(manifests, map[string]any{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": d, "size": 7})
	}
	data, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
		"manifests": manifests})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestIndex has an index's signature cover an image that the index lists, and no
// other.
func TestIndex(t *testing.T) {
	index := indexOf(t, digestOf("arm64"), image)
	without := indexOf(t, digestOf("arm64"))
	give := func(index []byte) func(testing.TB, *attempt) {
		return func(_ testing.TB, a *attempt) { a.subject.Index = index }
	}
	// sparse is larger than an index may be, and lists the image all the same.
	sparse := append(append([]byte(nil), index...), make([]byte, signature.MaxIndex)...)
	for i := len(index); i < len(sparse); i++ {
		sparse[i] = ' '
	}
	var tests []twin
	for _, signing := range []signaturetest.Signing{{Digest: digestOf(string(index))},
		{Digest: digestOf(string(index)), PredicateType: provenance}} {
		kind := "signature"
		if signing.PredicateType != "" {
			kind = "attestation"
		}
		tests = append(tests, both(twin{"no index/" + kind, signing, give(index), give(nil), "it is not about " + image})...)
		tests = append(tests, both(twin{"index that does not list the image/" + kind, signing, give(index), func(t testing.TB, a *attempt) {
			signing.Digest, signing.Legacy = digestOf(string(without)), a.evidence.Legacy != nil
			a.evidence, a.subject.Index = sign(t, signing), without
		}, "it does not list the image"})...)
		tests = append(tests, both(twin{"index that is not the signed one/" + kind, signing, give(index),
			give(append([]byte(" "), index...)), "neither about " + image + " nor about the index"})...)
		tests = append(tests, both(twin{"other image than the index lists/" + kind, signing, give(index), func(_ testing.TB, a *attempt) {
			a.subject.Digest = digestOf("another image")
		}, "it does not list the image"})...)
		tests = append(tests, both(twin{"index that is too large/" + kind, signing, give(index), give(sparse), "more than the"})...)
		tests = append(tests, both(twin{"index that is none/" + kind, signing, give(index), give([]byte("[]")), "and the index: "})...)
	}
	runTwins(t, tests)
}

// TestIndexDigest says what was signed where that is the index.
func TestIndexDigest(t *testing.T) {
	index := indexOf(t, image)
	subject := app()
	subject.Index = index
	for want, signing := range map[string]signaturetest.Signing{
		digestOf(string(index)): {Digest: digestOf(string(index))},
		image:                   {},
	} {
		v, err := signature.Verify(subject, sign(t, signing), byIdentity(t))
		if err != nil {
			t.Fatal(err)
		}
		if v.Digest != want {
			t.Errorf("signed %s, want %s", v.Digest, want)
		}
	}
}
