package signature

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
)

// What evidence may hold besides its payload. Each bound is several times what
// signers write. They are there because some parsers recurse as deep as what they
// read (pkcs7, in a timestamp), and others check a signature with a key of any size
// that came with it (in a log entry, in a timestamp's certificates) before
// anything is trusted.
const (
	maxEntries     = 4        // log entries of a bundle
	maxTimestamps  = 4        // of a bundle
	maxBody        = 16 << 10 // bytes of a log entry's body
	maxTimestamp   = 16 << 10 // bytes of a timestamp
	maxCertificate = 16 << 10 // bytes of a certificate
	maxChain       = 10       // certificates of the older format's chain
	maxPEM         = 64 << 10 // bytes of an annotation with certificates
	maxProof       = 64       // hashes of a proof: the depth of a tree
	maxCheckpoint  = 16 << 10 // bytes
	maxRSA         = 8192     // bits of an RSA key in a certificate
)

// maxUnread is how large evidence may be before its shape is looked at ahead of its
// parsing: millions of empty members would take hundreds of times their size.
const maxUnread = 256 << 10

// slim refuses a JSON object that is large for another reason than the members that
// may be, and returns those. A member that is there twice counts as another reason.
func slim(object []byte, large ...string) ([]json.RawMessage, error) {
	if len(object) <= maxUnread {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, err
	}
	var out []json.RawMessage
	rest := len(object)
	for _, name := range large {
		rest -= len(members[name])
		out = append(out, members[name])
	}
	if rest > maxUnread {
		return nil, fmt.Errorf("%d bytes besides the payload, more than the %d that are read", rest,
			maxUnread)
	}
	return out, nil
}

// slimBundle refuses a bundle that is large for another reason than its payload.
func slimBundle(raw []byte) error {
	envelopes, err := slim(raw, "dsseEnvelope", "dsse_envelope")
	if err != nil {
		return err
	}
	for _, envelope := range envelopes {
		if _, err := slim(envelope, "payload"); err != nil {
			return err
		}
	}
	return nil
}

// bounded refuses a bundle with more in it than signers write.
func bounded(b *protobundle.Bundle) error {
	m := b.GetVerificationMaterial()
	if n := len(m.GetTlogEntries()); n > maxEntries {
		return fmt.Errorf("%d log entries, more than the %d that are read", n, maxEntries)
	}
	for _, e := range m.GetTlogEntries() {
		proof := e.GetInclusionProof()
		switch {
		case len(e.GetCanonicalizedBody()) > maxBody:
			return tooLong("log entry", len(e.GetCanonicalizedBody()), maxBody)
		case len(proof.GetHashes()) > maxProof:
			return fmt.Errorf("an inclusion proof of %d hashes, more than the %d that are read",
				len(proof.GetHashes()), maxProof)
		case len(proof.GetCheckpoint().GetEnvelope()) > maxCheckpoint:
			return tooLong("checkpoint", len(proof.GetCheckpoint().GetEnvelope()), maxCheckpoint)
		}
	}
	stamps := m.GetTimestampVerificationData().GetRfc3161Timestamps()
	if n := len(stamps); n > maxTimestamps {
		return fmt.Errorf("%d timestamps, more than the %d that are read", n, maxTimestamps)
	}
	for _, t := range stamps {
		if n := len(t.GetSignedTimestamp()); n > maxTimestamp {
			return tooLong("timestamp", n, maxTimestamp)
		}
	}
	for _, c := range append(m.GetX509CertificateChain().GetCertificates(), m.GetCertificate()) {
		if n := len(c.GetRawBytes()); n > maxCertificate {
			return tooLong("certificate", n, maxCertificate)
		}
	}
	return nil
}

func tooLong(what string, n, most int) error {
	return fmt.Errorf("a %s of %d bytes, more than the %d that are read", what, n, most)
}

// usable refuses a certificate whose key would take long to check anything with.
func usable(c *x509.Certificate) error {
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSA {
		return errors.New("the certificate's RSA key has more than 8192 bits")
	}
	return nil
}
