// Package signaturetest signs images with throwaway keys and authorities, for
// tests and for the demonstration: a sigstore of one's own (certificate authority,
// certificate transparency log, Rekor, timestamp authority) in memory, without a
// server. Nothing that it signs is worth anything, since its keys are gone when the
// process ends.
package signaturetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// Epoch is when things are signed unless a Signing says otherwise. It is fixed, so
// that what is signed does not expire.
var Epoch = time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC)

// The host names that the parts go by.
const (
	rekorHost = "rekor.signaturetest.invalid"
	rekorURL  = "https://" + rekorHost
	fulcioURL = "https://fulcio.signaturetest.invalid"
	ctLogURL  = "https://ctlog.signaturetest.invalid"
	tsaURL    = "https://tsa.signaturetest.invalid"
)

// Sigstore is a sigstore instance in memory. It may be used from several goroutines.
type Sigstore struct {
	root, issuer, stamper      *x509.Certificate
	issuerKey, stamperKey      *ecdsa.PrivateKey
	rekorKey, ctLogKey         *ecdsa.PrivateKey
	tsaRoot                    *x509.Certificate
	rekorID, ctLogID           [sha256.Size]byte
	authorityPEM, timestampPEM []byte
}

// New makes an instance with keys of its own.
func New() (*Sigstore, error) {
	s := &Sigstore{}
	var err error
	for _, key := range []**ecdsa.PrivateKey{&s.issuerKey, &s.stamperKey, &s.rekorKey, &s.ctLogKey} {
		if *key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil, err
		}
	}
	issuer := authority("Signing CA", x509.ExtKeyUsageCodeSigning)
	if s.root, s.issuer, err = chain("Signing", issuer, s.issuerKey); err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "Timestamping"},
		KeyUsage: x509.KeyUsageDigitalSignature,
		// RFC 3161, section 2.3: the extended key usage must be critical.
		ExtraExtensions: []pkix.Extension{{Id: []int{2, 5, 29, 37}, Critical: true,
			Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}}}}
	if s.tsaRoot, s.stamper, err = chain("Timestamping", leaf, s.stamperKey); err != nil {
		return nil, err
	}
	if s.rekorID, err = keyID(s.rekorKey); err != nil {
		return nil, err
	}
	if s.ctLogID, err = keyID(s.ctLogKey); err != nil {
		return nil, err
	}
	s.authorityPEM = certificatesPEM(s.issuer, s.root)
	s.timestampPEM = certificatesPEM(s.stamper, s.tsaRoot)
	return s, nil
}

// authority is the template of a certificate authority.
func authority(name string, usage ...x509.ExtKeyUsage) *x509.Certificate {
	return &x509.Certificate{
		Subject:  pkix.Name{CommonName: name, Organization: []string{"signaturetest"}},
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: usage,
		BasicConstraintsValid: true, IsCA: true}
}

// chain makes a root of its own and below it a certificate for key. Both outlast
// any test.
func chain(
	name string, template *x509.Certificate, key *ecdsa.PrivateKey,
) (above, below *x509.Certificate, err error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	top := authority(name + " Root")
	for _, t := range []*x509.Certificate{top, template} {
		t.SerialNumber = big.NewInt(1)
		t.NotBefore, t.NotAfter = Epoch.AddDate(-20, 0, 0), Epoch.AddDate(100, 0, 0)
	}
	if above, err = certificate(top, top, rootKey.Public(), rootKey); err != nil {
		return nil, nil, err
	}
	below, err = certificate(template, above, key.Public(), rootKey)
	return above, below, err
}

func certificate(
	template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer,
) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate for %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

// keyID is a log's identity (RFC 6962, section 3.2).
func keyID(key crypto.Signer) (id [sha256.Size]byte, err error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return id, err
	}
	return sha256.Sum256(der), nil
}

func certificatesPEM(certificates ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certificates {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// PublicPEM is the public key of a signer, as a policy holds it.
func PublicPEM(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// AuthorityPEM returns the certificates of the certificate authority, the issuing one
// first and the root last.
func (s *Sigstore) AuthorityPEM() []byte { return s.authorityPEM }

// TimestampPEM returns the certificates of the timestamp authority, its own first and the
// root last.
func (s *Sigstore) TimestampPEM() []byte { return s.timestampPEM }

// LogPEM is the public key of the transparency log (Rekor).
func (s *Sigstore) LogPEM() ([]byte, error) { return PublicPEM(s.rekorKey.Public()) }

// CTLogPEM is the public key of the certificate transparency log.
func (s *Sigstore) CTLogPEM() ([]byte, error) { return PublicPEM(s.ctLogKey.Public()) }

// TrustedRoot is the instance's trusted_root.json.
func (s *Sigstore) TrustedRoot() ([]byte, error) {
	start := Epoch.AddDate(-20, 0, 0)
	type logs = map[string]*root.TransparencyLog
	log := func(key *ecdsa.PrivateKey, id [sha256.Size]byte, url string) logs {
		return logs{hex.EncodeToString(id[:]): {BaseURL: url, ID: id[:],
			ValidityPeriodStart: start, HashFunc: crypto.SHA256,
			SignatureHashFunc: crypto.SHA256, PublicKey: key.Public()}}
	}
	fulcio := &root.FulcioCertificateAuthority{Root: s.root,
		Intermediates: []*x509.Certificate{s.issuer}, ValidityPeriodStart: start, URI: fulcioURL}
	tsa := &root.SigstoreTimestampingAuthority{Root: s.tsaRoot, Leaf: s.stamper,
		ValidityPeriodStart: start, URI: tsaURL}
	trusted, err := root.NewTrustedRoot(root.TrustedRootMediaType01,
		[]root.CertificateAuthority{fulcio}, log(s.ctLogKey, s.ctLogID, ctLogURL),
		[]root.TimestampingAuthority{tsa}, log(s.rekorKey, s.rekorID, rekorURL))
	if err != nil {
		return nil, err
	}
	return trusted.MarshalJSON()
}
