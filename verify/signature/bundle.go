package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"google.golang.org/protobuf/encoding/protojson"
)

// readBundle reads a sigstore bundle.
func readBundle(raw []byte) (claim, error) {
	if err := slimBundle(raw); err != nil {
		return claim{}, fmt.Errorf("bundle: %w", err)
	}
	var message protobundle.Bundle
	if err := protojson.Unmarshal(raw, &message); err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	if err := bounded(&message); err != nil {
		return claim{}, fmt.Errorf("bundle: %w", err)
	}
	// To parse an entry takes long, and the bundle would do it twice.
	logged := message.GetVerificationMaterial().GetTlogEntries()
	if len(logged) > 0 {
		message.VerificationMaterial.TlogEntries = nil
	}
	b, err := bundle.NewBundle(&message)
	if err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	e := &entity{}
	if e.content, err = b.SignatureContent(); err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	if e.entries, err = bundledEntries(logged, b.MinVersion("v0.2")); err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	if e.timestamps, err = b.Timestamps(); err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	by, err := b.VerificationContent()
	if err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	if e.certificate = by.Certificate(); e.certificate != nil {
		if err := usable(e.certificate); err != nil {
			return claim{}, fmt.Errorf("bundle: %w", err)
		}
	}
	c, err := contentClaim(e.content)
	if err != nil {
		return claim{}, fmt.Errorf("bundle: %w", plain(err))
	}
	c.entity, c.bundled = e, true
	return c, nil
}

// contentClaim reads what a bundle's signature is over.
func contentClaim(content verify.SignatureContent) (claim, error) {
	if envelope := content.EnvelopeContent(); envelope != nil {
		return envelopeClaim(envelope.RawEnvelope())
	}
	message := content.MessageSignatureContent()
	if message == nil {
		return claim{}, errors.New("it has neither an envelope nor a signature")
	}
	return claim{kind: Artifact, about: func(d digest) bool {
		return bytes.Equal(message.Digest(), d.sum)
	}}, nil
}

// envelopeClaim reads a DSSE envelope with an in-toto statement and one signature.
func envelopeClaim(envelope *dsse.Envelope) (claim, error) {
	if n := len(envelope.Signatures); n != 1 {
		return claim{}, fmt.Errorf("the envelope has %d signatures, not one", n)
	}
	if envelope.PayloadType != payloadInToto {
		return claim{}, fmt.Errorf("the envelope's payload is %q, not %q",
			abbreviate(envelope.PayloadType), payloadInToto)
	}
	payload, err := base64.StdEncoding.DecodeString(envelope.Payload)
	if err != nil {
		return claim{}, fmt.Errorf("the envelope's payload: %w", err)
	}
	return statementClaim(payload)
}
