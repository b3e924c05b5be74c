package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/sigstore/sigstore-go/pkg/bundle"
)

// readLegacy brings the older format's parts into the form that the verifier takes.
// Its log entry is read only where one is demanded.
func readLegacy(l *Legacy, logged bool) (claim, error) {
	e := &entity{}
	var err error
	if logged && l.Bundle != "" {
		if e.entries, err = promisedEntries(l.Bundle); err != nil {
			return claim{}, fmt.Errorf("bundle annotation: %w", plain(err))
		}
	}
	if e.certificate, e.chain, err = certificates(l.Certificate, l.Chain); err != nil {
		return claim{}, err
	}
	if e.timestamps, err = stamps(l.Timestamp); err != nil {
		return claim{}, fmt.Errorf("rfc3161timestamp annotation: %w", err)
	}
	var c claim
	if l.MediaType == MediaTypeDSSE {
		c, err = legacyEnvelope(e, l)
	} else {
		c, err = legacySimple(e, l)
	}
	c.entity = e
	return c, err
}

// stamps reads the timestamp annotation, if there is one.
func stamps(annotation string) ([][]byte, error) {
	if annotation == "" {
		return nil, nil
	}
	var t struct {
		SignedRFC3161Timestamp []byte
	}
	if err := json.Unmarshal([]byte(annotation), &t); err != nil {
		return nil, err
	}
	if n := len(t.SignedRFC3161Timestamp); n > maxTimestamp {
		return nil, tooLong("timestamp", n, maxTimestamp)
	}
	return [][]byte{t.SignedRFC3161Timestamp}, nil
}

// legacySimple reads a simple-signing payload: the signature is over its bytes.
func legacySimple(e *entity, l *Legacy) (claim, error) {
	sig, err := base64.StdEncoding.DecodeString(l.Signature)
	if err != nil {
		return claim{}, fmt.Errorf("signature annotation: %w", err)
	}
	if len(sig) == 0 {
		return claim{}, errors.New("signature annotation: it is empty")
	}
	algorithm := "sha256"
	if len(e.entries) > 0 {
		if _, logged, ok := e.entries[0].GetHashedRekordDigest(); ok {
			algorithm = logged
		}
	}
	hashed, err := hashPayload(algorithm, l.Payload)
	if err != nil {
		return claim{}, fmt.Errorf("bundle annotation: %w", plain(err))
	}
	e.content = bundle.NewMessageSignature(hashed, algorithm, sig)
	return simpleClaim(l.Payload)
}

// hashPayload hashes a payload as the log has done; that the log has the same sum is
// for the verifier to say.
func hashPayload(algorithm string, payload []byte) ([]byte, error) {
	switch algorithm {
	case "sha256":
		sum := sha256.Sum256(payload)
		return sum[:], nil
	case "sha384":
		sum := sha512.Sum384(payload)
		return sum[:], nil
	case "sha512":
		sum := sha512.Sum512(payload)
		return sum[:], nil
	}
	return nil, fmt.Errorf("hash algorithm %q is not one of sha256, sha384, sha512",
		abbreviate(algorithm))
}

// legacyEnvelope reads a DSSE envelope. What is stamped by a timestamp authority
// is the envelope as a whole.
func legacyEnvelope(e *entity, l *Legacy) (claim, error) {
	if l.Signature != "" {
		return claim{}, errors.New("signature annotation: an envelope has its own")
	}
	if _, err := slim(l.Payload, "payload"); err != nil {
		return claim{}, fmt.Errorf("envelope: %w", err)
	}
	var envelope dsse.Envelope
	if err := json.Unmarshal(l.Payload, &envelope); err != nil {
		return claim{}, fmt.Errorf("envelope: %w", err)
	}
	e.content = &bundle.Envelope{Envelope: &envelope}
	e.stamped = l.Payload
	return envelopeClaim(&envelope)
}

// certificates reads the certificate annotation, if there is one, and the chain's
// certificates that may lead from it to an authority; what is in the chain is not
// trusted, so its self-signed roots are left out.
func certificates(leafPEM, chainPEM string) (leaf *x509.Certificate, chain []*x509.Certificate,
	err error) {
	if leafPEM == "" {
		return nil, nil, nil
	}
	leaves, err := parseCertificates([]byte(leafPEM))
	if err != nil {
		return nil, nil, fmt.Errorf("certificate annotation: %w", err)
	}
	if len(leaves) != 1 {
		return nil, nil, fmt.Errorf("certificate annotation: %d certificates, not one", len(leaves))
	}
	above, err := parseCertificates([]byte(chainPEM))
	if err != nil {
		return nil, nil, fmt.Errorf("chain annotation: %w", err)
	}
	for _, c := range above {
		if c.IsCA && !selfSigned(c) {
			chain = append(chain, c)
		}
	}
	return leaves[0], chain, nil
}

func selfSigned(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// parseCertificates reads PEM blocks, all of which must be certificates.
func parseCertificates(data []byte) ([]*x509.Certificate, error) {
	if len(data) > maxPEM {
		return nil, fmt.Errorf("%d bytes, more than the %d that are read", len(data), maxPEM)
	}
	var out []*x509.Certificate
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			if len(bytes.TrimSpace(data)) > 0 {
				return nil, errors.New("not a PEM block")
			}
			return out, nil
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("the PEM block is a %q, not a CERTIFICATE",
				abbreviate(block.Type))
		}
		if len(out) == maxChain {
			return nil, fmt.Errorf("more than %d certificates", maxChain)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		if err := usable(c); err != nil {
			return nil, err
		}
		out, data = append(out, c), rest
	}
}
