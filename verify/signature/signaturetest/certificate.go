package signaturetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"net/url"
	"strings"
	"time"

	ct "github.com/google/certificate-transparency-go"
	"github.com/google/certificate-transparency-go/tls"
	"github.com/google/certificate-transparency-go/x509util"
)

// The object identifiers of what a certificate names besides its subject.
var (
	oidIssuer  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1}    // sigstore: the OIDC issuer
	oidSCTList = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2} // RFC 6962, section 3.3
)

// lifetime is how long a certificate for signing is valid, as with Fulcio.
const lifetime = 10 * time.Minute

// Certificate issues a certificate to a signer, valid for ten minutes from the
// given time. A subject with "://" in it is a URI, any other an e-mail address. With
// logged, the certificate holds the promise of the certificate transparency log.
func (s *Sigstore) Certificate(
	public crypto.PublicKey, subject, issuer string, from time.Time, logged bool,
) (*x509.Certificate, error) {
	var serial [8]byte
	if _, err := rand.Read(serial[:]); err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:    new(big.Int).SetUint64(binary.BigEndian.Uint64(serial[:])>>1 + 1),
		NotBefore:       from,
		NotAfter:        from.Add(lifetime),
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtKeyUsage:     []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		ExtraExtensions: []pkix.Extension{{Id: oidIssuer, Value: []byte(issuer)}},
	}
	if strings.Contains(subject, "://") {
		u, err := url.Parse(subject)
		if err != nil {
			return nil, err
		}
		template.URIs = []*url.URL{u}
	} else {
		template.EmailAddresses = []string{subject}
	}
	leaf, err := certificate(template, s.issuer, public, s.issuerKey)
	if err != nil || !logged {
		return leaf, err
	}
	// What the log signs is the certificate without the extension that holds the
	// log's signature, so the one just made serves as the precertificate.
	list, err := s.sctList(leaf, from)
	if err != nil {
		return nil, err
	}
	template.ExtraExtensions = append(template.ExtraExtensions,
		pkix.Extension{Id: oidSCTList, Value: list})
	return certificate(template, s.issuer, public, s.issuerKey)
}

// sctList is the value of the extension that shows a certificate was logged (RFC
// 6962, section 3.3).
func (s *Sigstore) sctList(leaf *x509.Certificate, at time.Time) ([]byte, error) {
	sct := ct.SignedCertificateTimestamp{SCTVersion: ct.V1, LogID: ct.LogID{KeyID: s.ctLogID},
		Timestamp: uint64(at.UnixMilli())}
	entry := &ct.TimestampedEntry{Timestamp: sct.Timestamp, EntryType: ct.PrecertLogEntryType,
		PrecertEntry: &ct.PreCert{
			IssuerKeyHash:  sha256.Sum256(s.issuer.RawSubjectPublicKeyInfo),
			TBSCertificate: leaf.RawTBSCertificate}}
	input, err := ct.SerializeSCTSignatureInput(sct, ct.LogEntry{Leaf: ct.MerkleTreeLeaf{
		Version: ct.V1, LeafType: ct.TimestampedEntryLeafType, TimestampedEntry: entry}})
	if err != nil {
		return nil, err
	}
	signed, err := tls.CreateSignature(*s.ctLogKey, tls.SHA256, input)
	if err != nil {
		return nil, err
	}
	sct.Signature = ct.DigitallySigned(signed)
	list, err := x509util.MarshalSCTsIntoSCTList([]*ct.SignedCertificateTimestamp{&sct})
	if err != nil {
		return nil, err
	}
	encoded, err := tls.Marshal(*list)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encoded)
}

// ephemeral is a key that is used once, as keyless signers do.
func ephemeral() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}
