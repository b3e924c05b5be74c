package signaturetest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/digitorus/timestamp"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	rekornote "github.com/sigstore/rekor-tiles/v2/pkg/note"
	"github.com/sigstore/rekor/pkg/util"
	"github.com/sigstore/sigstore/pkg/signature"
	"golang.org/x/mod/sumdb/note"
)

// object is a JSON object, written with its members sorted as Rekor's canonical form wants.
type object = map[string]any

// logIndex is the index of each entry in the logs: each is the only entry of its log.
const logIndex = 0

// bodyV1 is the entry of a signature in Rekor v1 in canonical form.
func (w *signing) bodyV1() (kind, version string, body []byte, err error) {
	public, err := w.public()
	if err != nil {
		return "", "", nil, err
	}
	hashed := func(algorithm string, sum []byte) object {
		return object{"algorithm": algorithm, "value": hex.EncodeToString(sum)}
	}
	kind, version = "hashedrekord", "0.0.1"
	var spec object
	switch {
	case w.simple():
		names := map[crypto.Hash]string{
			crypto.SHA256: "sha256", crypto.SHA384: "sha384", crypto.SHA512: "sha512"}
		spec = object{"data": object{"hash": hashed(names[w.hash], sum(w.hash, w.content))},
			"signature": object{"content": w.signature, "publicKey": object{"content": public}}}
	case w.InToto:
		kind, version = "intoto", "0.0.2"
		envelope, err := w.envelope()
		if err != nil {
			return "", "", nil, err
		}
		// The signature is encoded twice over in this type.
		once := []byte(base64.StdEncoding.EncodeToString(w.signature))
		spec = object{"content": object{"envelope": object{"payloadType": payloadType,
			"signatures": []any{object{"publicKey": public, "sig": once}}},
			"hash":        hashed("sha256", sum(crypto.SHA256, envelope)),
			"payloadHash": hashed("sha256", sum(crypto.SHA256, w.content))}}
	default:
		kind = "dsse"
		envelope, err := w.envelope()
		if err != nil {
			return "", "", nil, err
		}
		encoded := base64.StdEncoding.EncodeToString(w.signature)
		spec = object{"envelopeHash": hashed("sha256", sum(crypto.SHA256, envelope)),
			"payloadHash": hashed("sha256", sum(crypto.SHA256, w.content)),
			"signatures":  []any{object{"signature": encoded, "verifier": public}}}
	}
	body, err = json.Marshal(object{"apiVersion": version, "kind": kind, "spec": spec})
	return kind, version, body, err
}

// payloadV1 is what Rekor v1 signs to promise an entry.
type payloadV1 struct {
	Body           []byte `json:"body"`
	IntegratedTime int64  `json:"integratedTime"`
	LogID          string `json:"logID"`
	LogIndex       int64  `json:"logIndex"`
}

// set signs the promise to include an entry.
func (s *Sigstore) set(body []byte, at time.Time) (payloadV1, []byte, error) {
	payload := payloadV1{Body: body, IntegratedTime: at.Unix(),
		LogID: hex.EncodeToString(s.rekorID[:]), LogIndex: logIndex}
	canonical, err := json.Marshal(payload) // the fields are in order and nothing in them is escaped
	if err != nil {
		return payload, nil, err
	}
	digest := sha256.Sum256(canonical)
	promise, err := ecdsa.SignASN1(rand.Reader, s.rekorKey, digest[:])
	return payload, promise, err
}

// promise is the bundle annotation of the older format.
func (s *Sigstore) promise(w *signing) ([]byte, error) {
	_, _, body, err := w.bodyV1()
	if err != nil {
		return nil, err
	}
	payload, promise, err := s.set(body, w.Time)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		SignedEntryTimestamp []byte
		Payload              payloadV1
	}{promise, payload})
}

// entry is the log entry of a bundle.
func (s *Sigstore) entry(w *signing) (*protorekor.TransparencyLogEntry, error) {
	if w.Log == LogV2 {
		return s.entryV2(w)
	}
	kind, version, body, err := w.bodyV1()
	if err != nil {
		return nil, err
	}
	_, promise, err := s.set(body, w.Time)
	if err != nil {
		return nil, err
	}
	leaf := leafHash(body)
	checkpoint, err := s.checkpointV1(leaf)
	if err != nil {
		return nil, err
	}
	e := s.included(kind, version, body, leaf, checkpoint)
	e.IntegratedTime = w.Time.Unix()
	e.InclusionPromise = &protorekor.InclusionPromise{SignedEntryTimestamp: promise}
	return e, nil
}

// checkpointV1 is the signed head of a Rekor v1 log with one entry.
func (s *Sigstore) checkpointV1(leaf []byte) (string, error) {
	signer, err := signature.LoadECDSASignerVerifier(s.rekorKey, crypto.SHA256)
	if err != nil {
		return "", err
	}
	checkpoint, err := util.CreateAndSignCheckpoint(context.Background(),
		rekorHost, 1, 1, leaf, signer)
	return string(checkpoint), err
}

// included is the only entry of its log.
func (s *Sigstore) included(
	kind, version string, body, leaf []byte, checkpoint string,
) *protorekor.TransparencyLogEntry {
	return &protorekor.TransparencyLogEntry{
		LogIndex: logIndex, LogId: &protocommon.LogId{KeyId: s.rekorID[:]},
		KindVersion:       &protorekor.KindVersion{Kind: kind, Version: version},
		CanonicalizedBody: body,
		InclusionProof: &protorekor.InclusionProof{LogIndex: logIndex, RootHash: leaf, TreeSize: 1,
			Checkpoint: &protorekor.Checkpoint{Envelope: checkpoint}},
	}
}

// leafHash is an entry's hash in the log's tree (RFC 6962, section 2.1), which of a tree
// of one entry is the root's.
func leafHash(body []byte) []byte {
	digest := sha256.Sum256(append([]byte{0}, body...))
	return digest[:]
}

// entryV2 is an entry of Rekor v2.
func (s *Sigstore) entryV2(w *signing) (*protorekor.TransparencyLogEntry, error) {
	verifier, err := w.verifierV2()
	if err != nil {
		return nil, err
	}
	signed := object{"content": w.signature, "verifier": verifier}
	return s.enterV2(w.hash, sum(w.hash, w.signed), signed)
}

// enterV2 enters a signature of what has the given hash in Rekor v2.
func (s *Sigstore) enterV2(
	hash crypto.Hash, sum []byte, signed object,
) (*protorekor.TransparencyLogEntry, error) {
	names := map[crypto.Hash]string{
		crypto.SHA256: "SHA2_256", crypto.SHA384: "SHA2_384", crypto.SHA512: "SHA2_512"}
	record := object{"data": object{"algorithm": names[hash], "digest": sum}, "signature": signed}
	body, err := json.Marshal(object{"apiVersion": "0.0.2", "kind": "hashedrekord",
		"spec": object{"hashedRekordV002": record}})
	if err != nil {
		return nil, err
	}
	leaf := leafHash(body)
	signer, err := signature.LoadECDSASignerVerifier(s.rekorKey, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	noteSigner, err := rekornote.NewNoteSigner(context.Background(), rekorHost, signer)
	if err != nil {
		return nil, err
	}
	text := rekorHost + "\n1\n" + base64.StdEncoding.EncodeToString(leaf) + "\n"
	checkpoint, err := note.Sign(&note.Note{Text: text}, noteSigner)
	if err != nil {
		return nil, err
	}
	return s.included("hashedrekord", "0.0.2", body, leaf, string(checkpoint)), nil
}

// verifierV2 is the signer as Rekor v2 keeps it.
func (w *signing) verifierV2() (object, error) {
	details := protocommon.PublicKeyDetails_PKIX_ED25519_PH
	switch p := w.key.Public().(type) {
	case *ecdsa.PublicKey:
		details = map[int]protocommon.PublicKeyDetails{
			256: protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256,
			384: protocommon.PublicKeyDetails_PKIX_ECDSA_P384_SHA_384,
			521: protocommon.PublicKeyDetails_PKIX_ECDSA_P521_SHA_512}[p.Curve.Params().BitSize]
	case *rsa.PublicKey:
		details = map[int]protocommon.PublicKeyDetails{
			2048: protocommon.PublicKeyDetails_PKIX_RSA_PKCS1V15_2048_SHA256,
			3072: protocommon.PublicKeyDetails_PKIX_RSA_PKCS1V15_3072_SHA256,
			4096: protocommon.PublicKeyDetails_PKIX_RSA_PKCS1V15_4096_SHA256}[p.N.BitLen()]
	}
	if w.certificate != nil {
		return object{"keyDetails": details.String(),
			"x509Certificate": object{"rawBytes": w.certificate.Raw}}, nil
	}
	der, err := x509.MarshalPKIXPublicKey(w.key.Public())
	return object{"keyDetails": details.String(), "publicKey": object{"rawBytes": der}}, err
}

// stampPolicy is sigstore's timestamping policy.
var stampPolicy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2}

// stamp is a timestamp authority's response (RFC 3161).
func (s *Sigstore) stamp(data []byte, at time.Time) ([]byte, error) {
	digest := sha256.Sum256(data)
	t := timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: digest[:], Time: at,
		Policy: stampPolicy}
	return t.CreateResponseWithOpts(s.stamper, s.stamperKey, crypto.SHA256)
}
