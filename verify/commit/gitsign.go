package commit

import (
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/root"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/plumb-dev/plumb/lockfile/git"
	"github.com/plumb-dev/plumb/verify/signature"
)

// certified are those who sign with certificates that a sigstore instance issues to
// identities, as gitsign has it do.
type certified struct {
	trust      root.TrustedMaterial
	identities []signature.Identity
}

func (s *Signers) checkCertified(c git.Commit) (string, error) {
	if len(s.certified) == 0 {
		return "", errors.New("it is signed with a certificate, and no identities are listed")
	}
	m, err := parseCMS(c.Signature, c.Payload)
	if err != nil {
		return "", fmt.Errorf("its signature (CMS): %w", err)
	}
	if m.logEntry == nil && m.timestamp == nil {
		return "", errors.New("nothing in its signature tells when it was made: git config " +
			"gitsign.rekorMode offline keeps the log's entry in it")
	}
	evidence, err := m.bundle()
	if err != nil {
		return "", fmt.Errorf("its signature (CMS): %w", err)
	}
	sum := sha256.Sum256(m.signed)
	subject := signature.Subject{Digest: "sha256:" + hex.EncodeToString(sum[:])}
	var failures []error
	for _, one := range s.certified {
		v, err := signature.Verify(subject, evidence,
			signature.Requirement{Kind: signature.Artifact, Identities: one.identities,
				Trust: one.trust})
		if err == nil {
			return v.Signer.Subject + " (issuer " + v.Signer.Issuer + ")", nil
		}
		failures = append(failures, err)
	}
	return "", fmt.Errorf("its signature (CMS): %w", errors.Join(failures...))
}

// bundle is the signature in the form that the verifier takes: what is signed are the
// attributes.
func (m *cms) bundle() (signature.Evidence, error) {
	sum := sha256.Sum256(m.signed)
	material := &protobundle.VerificationMaterial{
		Content: &protobundle.VerificationMaterial_Certificate{
			Certificate: &protocommon.X509Certificate{RawBytes: m.certificate.Raw}},
	}
	if m.logEntry != nil {
		entry, err := m.entry(sum[:])
		if err != nil {
			return signature.Evidence{}, err
		}
		material.TlogEntries = []*protorekor.TransparencyLogEntry{entry}
	}
	if m.timestamp != nil {
		material.TimestampVerificationData = &protobundle.TimestampVerificationData{
			Rfc3161Timestamps: []*protocommon.RFC3161SignedTimestamp{{SignedTimestamp: response(
				m.timestamp)}}}
	}
	raw, err := protojson.Marshal(&protobundle.Bundle{
		MediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", VerificationMaterial: material,
		Content: &protobundle.Bundle_MessageSignature{
			MessageSignature: &protocommon.MessageSignature{
				MessageDigest: &protocommon.HashOutput{
					Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: sum[:]},
				Signature: m.signature}},
	})
	return signature.Evidence{Bundle: raw}, err
}

// entry is the log's entry, whose body gitsign leaves out: it follows from the rest.
func (m *cms) entry(sum []byte) (*protorekor.TransparencyLogEntry, error) {
	var e protorekor.TransparencyLogEntry
	if err := proto.Unmarshal(m.logEntry, &e); err != nil {
		return nil, errors.New("the log's entry in it cannot be read")
	}
	if len(e.CanonicalizedBody) > 0 {
		return &e, nil
	}
	type object = map[string]any // is written with its members in order, as the log does
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.certificate.Raw})
	body, err := json.Marshal(object{"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": object{
		"data": object{"hash": object{"algorithm": "sha256", "value": hex.EncodeToString(sum)}},
		"signature": object{"content": base64.StdEncoding.EncodeToString(m.signature),
			"publicKey": object{"content": base64.StdEncoding.EncodeToString(certificate)}},
	}})
	e.CanonicalizedBody = body
	return &e, err
}

// response is a TimeStampResp (RFC 3161, section 2.4.2) that grants a token.
func response(token []byte) []byte {
	granted := []byte{0x30, 0x03, 0x02, 0x01, 0x00}
	out, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence,
		IsCompound: true, Bytes: append(granted, token...)})
	if err != nil {
		return nil // no timestamp, then; it cannot be
	}
	return out
}
