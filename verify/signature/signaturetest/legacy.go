package signaturetest

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/plumb-dev/plumb/verify/signature"
)

// legacy gives the older format's parts.
func (s *Sigstore) legacy(w *signing) (signature.Evidence, error) {
	l := &signature.Legacy{MediaType: signature.MediaTypeSimpleSigning, Payload: w.content,
		Signature: base64.StdEncoding.EncodeToString(w.signature)}
	stamped := w.signature
	if !w.simple() {
		envelope, err := w.envelope()
		if err != nil {
			return signature.Evidence{}, err
		}
		l.MediaType, l.Payload, l.Signature = signature.MediaTypeDSSE, envelope, ""
		stamped = envelope // as a whole: see cosign attest
	}
	if w.certificate != nil {
		l.Certificate = string(certificatesPEM(w.certificate))
		l.Chain = string(s.authorityPEM)
	}
	switch w.Log {
	case LogV1:
		promise, err := s.promise(w)
		if err != nil {
			return signature.Evidence{}, err
		}
		l.Bundle = string(promise)
	case LogV2:
		return signature.Evidence{},
			errors.New("signing: the older format has no place for an entry of Rekor v2")
	}
	if w.Timestamp {
		stamp, err := s.stamp(stamped, w.Time)
		if err != nil {
			return signature.Evidence{}, err
		}
		annotation, err := json.Marshal(struct{ SignedRFC3161Timestamp []byte }{stamp})
		if err != nil {
			return signature.Evidence{}, err
		}
		l.Timestamp = string(annotation)
	}
	return signature.Evidence{Legacy: l}, nil
}

// envelope is the DSSE envelope of an attestation.
func (w *signing) envelope() ([]byte, error) {
	encode := base64.StdEncoding.EncodeToString
	return json.Marshal(dsse.Envelope{PayloadType: payloadType, Payload: encode(w.content),
		Signatures: []dsse.Signature{{Sig: encode(w.signature)}}})
}
