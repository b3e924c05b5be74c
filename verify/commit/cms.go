package commit

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
)

// The object identifiers that matter (RFC 5652; RFC 3161, appendix A; gitsign).
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidTimestamp     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidLogEntry      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 3, 1}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

// signedData is CMS's SignedData (RFC 5652, section 5.1).
type signedData struct {
	Version      int
	Algorithms   asn1.RawValue `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"optional,explicit,tag:0"`
}

// signerInfo is CMS's SignerInfo (RFC 5652, section 5.3).
type signerInfo struct {
	Version      int
	Issuer       issuerAndSerial
	Digest       pkix.AlgorithmIdentifier
	Signed       asn1.RawValue `asn1:"optional,tag:0"`
	SignatureAlg pkix.AlgorithmIdentifier
	Signature    []byte
	Unsigned     asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue
}

// cms is what a commit is signed with, in CMS: nothing of it is verified, but that
// it is about the commit if its signature is good.
type cms struct {
	certificate *x509.Certificate
	signed      []byte // the attributes that the signature is over, as it is
	signature   []byte
	logEntry    []byte // rekor's TransparencyLogEntry, nil if there is none
	timestamp   []byte // a TimeStampToken, nil if there is none
}

// parseCMS reads a signature over a message that is not in it.
func parseCMS(armoured string, message []byte) (*cms, error) {
	block, rest := pem.Decode([]byte(armoured))
	if block == nil || block.Type != "SIGNED MESSAGE" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("it cannot be read")
	}
	var outer contentInfo
	if err := whole(block.Bytes, &outer); err != nil {
		return nil, err
	}
	var data signedData
	if !outer.Type.Equal(oidSignedData) {
		return nil, errors.New("not SignedData")
	}
	if err := whole(outer.Content.Bytes, &data); err != nil {
		return nil, err
	}
	switch {
	case !data.Content.Type.Equal(oidData) || len(data.Content.Content.FullBytes) > 0:
		return nil, errors.New("it has a message of its own")
	case len(data.Signers) != 1:
		return nil, fmt.Errorf("it has %d signers, not one", len(data.Signers))
	}
	info := data.Signers[0]
	if !info.Digest.Algorithm.Equal(oidSHA256) {
		return nil, errors.New("its digest is not of SHA-256")
	}
	c := &cms{signature: info.Signature}
	if err := c.attributes(info, message); err != nil {
		return nil, err
	}
	all, err := x509.ParseCertificates(data.Certificates.Bytes)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if bytes.Equal(one.RawIssuer, info.Issuer.Issuer.FullBytes) &&
			one.SerialNumber.Cmp(info.Issuer.Serial) == 0 {
			c.certificate = one
		}
	}
	if c.certificate == nil {
		return nil, errors.New("the signer's certificate is not in it")
	}
	return c, nil
}

// attributes reads what is signed in place of the message, and must be about it.
func (c *cms) attributes(info signerInfo, message []byte) error {
	signed, err := attributesOf(info.Signed)
	if err != nil {
		return err
	}
	if len(info.Signed.FullBytes) == 0 {
		return errors.New("it has no signed attributes")
	}
	var kind asn1.ObjectIdentifier
	if err := only(signed, oidContentType, &kind); err != nil || !kind.Equal(oidData) {
		return errors.New("what it says of the content's type is not so")
	}
	var digest []byte
	sum := sha256.Sum256(message)
	if err := only(signed, oidMessageDigest, &digest); err != nil || !bytes.Equal(digest, sum[:]) {
		return errors.New("it is of another commit")
	}
	c.signed = bytes.Clone(info.Signed.FullBytes)
	// they are signed as the SET that they are (RFC 5652, section 5.4)
	c.signed[0] = asn1.TagSet | 0x20
	unsigned, err := attributesOf(info.Unsigned)
	if err != nil {
		return err
	}
	if len(unsigned[oidLogEntry.String()]) > 0 {
		if err := only(unsigned, oidLogEntry, &c.logEntry); err != nil {
			return err
		}
	}
	if len(unsigned[oidTimestamp.String()]) > 0 {
		var token asn1.RawValue
		if err := only(unsigned, oidTimestamp, &token); err != nil {
			return err
		}
		c.timestamp = token.FullBytes
	}
	return nil
}

// attributesOf are the values of attributes, by type.
func attributesOf(set asn1.RawValue) (map[string][]attribute, error) {
	out := map[string][]attribute{}
	for rest := set.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return nil, err
		}
		out[a.Type.String()] = append(out[a.Type.String()], a)
	}
	return out, nil
}

// only reads the one value of an attribute that is there once.
func only(all map[string][]attribute, kind asn1.ObjectIdentifier, value any) error {
	found := all[kind.String()]
	if len(found) != 1 || found[0].Values.Tag != asn1.TagSet {
		return fmt.Errorf("it has the attribute %s %d times, not once", kind, len(found))
	}
	return whole(found[0].Values.Bytes, value)
}

// whole reads a value that is all of data.
func whole(data []byte, value any) error {
	rest, err := asn1.Unmarshal(data, value)
	if err == nil && len(rest) > 0 {
		err = errors.New("there is more than it should have")
	}
	return err
}
