package signaturetest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/plumb-dev/plumb/verify/signature"
)

// bundle gives a sigstore bundle v0.3, as cosign 3 attaches it to an image.
func (s *Sigstore) bundle(w *signing) (signature.Evidence, error) {
	stamps := &protobundle.TimestampVerificationData{}
	material := &protobundle.VerificationMaterial{TimestampVerificationData: stamps}
	if w.certificate != nil {
		material.Content = &protobundle.VerificationMaterial_Certificate{
			Certificate: &protocommon.X509Certificate{RawBytes: w.certificate.Raw}}
	} else {
		h, err := hint(w.key.Public())
		if err != nil {
			return signature.Evidence{}, err
		}
		material.Content = &protobundle.VerificationMaterial_PublicKey{
			PublicKey: &protocommon.PublicKeyIdentifier{Hint: h}}
	}
	if w.Log != NoLog {
		entry, err := s.entry(w)
		if err != nil {
			return signature.Evidence{}, err
		}
		material.TlogEntries = []*protorekor.TransparencyLogEntry{entry}
	}
	if w.Timestamp {
		stamp, err := s.stamp(w.signature, w.Time)
		if err != nil {
			return signature.Evidence{}, err
		}
		stamps.Rfc3161Timestamps = []*protocommon.RFC3161SignedTimestamp{{SignedTimestamp: stamp}}
	}
	envelope := &protodsse.Envelope{PayloadType: payloadType, Payload: w.content,
		Signatures: []*protodsse.Signature{{Sig: w.signature}}}
	encoded, err := protojson.Marshal(&protobundle.Bundle{
		MediaType: mediaTypeBundle, VerificationMaterial: material,
		Content: &protobundle.Bundle_DsseEnvelope{DsseEnvelope: envelope},
	})
	if err != nil {
		return signature.Evidence{}, err
	}
	var compact bytes.Buffer // protojson's white space differs from one build to the next
	if err := json.Compact(&compact, encoded); err != nil {
		return signature.Evidence{}, err
	}
	return signature.Evidence{Bundle: compact.Bytes()}, nil
}

// hint is how a bundle hints at a key.
func hint(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	digest := sha256.Sum256(der)
	return base64.StdEncoding.EncodeToString(digest[:]), err
}
