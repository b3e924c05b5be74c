package webhook

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// How long certificates live, and how long before their end they are replaced.
const (
	lifeCA    = 10 * 365 * 24 * time.Hour
	renewCA   = 365 * 24 * time.Hour
	lifeLeaf  = 90 * 24 * time.Hour
	renewLeaf = 30 * 24 * time.Hour
	skew      = 10 * time.Minute // by which clocks may differ
)

// The keys of the Secret.
const (
	keyCA    = "ca.crt" // the present CA, and the one before as long as it lives
	keyCAKey = "ca.key"
	keyCert  = "tls.crt"
	keyKey   = "tls.key"
)

// pair is what a Secret holds.
type pair struct {
	cas     []*x509.Certificate // the present one first
	caKey   *ecdsa.PrivateKey
	leaf    tls.Certificate
	leafPEM []byte
	keyPEM  []byte
}

// errForeign is for a Secret with a certificate that plumb did not create.
var errForeign = errors.New("it has a certificate but no ca.key, so plumb did not create it: " +
	"serve it with --cert and --key")

// readPair reads what a Secret holds; nil if it holds nothing.
func readPair(data map[string][]byte) (*pair, error) {
	if len(data[keyCert]) == 0 && len(data[keyCAKey]) == 0 {
		return nil, nil
	}
	if len(data[keyCAKey]) == 0 {
		return nil, errForeign
	}
	p := &pair{leafPEM: data[keyCert], keyPEM: data[keyKey]}
	for rest := data[keyCA]; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		ca, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", keyCA, err)
		}
		p.cas = append(p.cas, ca)
	}
	if len(p.cas) == 0 {
		return nil, fmt.Errorf("%s: no certificate", keyCA)
	}
	block, _ := pem.Decode(data[keyCAKey])
	if block == nil {
		return nil, fmt.Errorf("%s: no key", keyCAKey)
	}
	var err error
	if p.caKey, err = x509.ParseECPrivateKey(block.Bytes); err != nil {
		return nil, fmt.Errorf("%s: %w", keyCAKey, err)
	}
	if !p.caKey.PublicKey.Equal(p.cas[0].PublicKey) {
		return nil, fmt.Errorf("%s is not the key of %s", keyCAKey, keyCA)
	}
	if p.leaf, err = tls.X509KeyPair(p.leafPEM, p.keyPEM); err != nil {
		return nil, fmt.Errorf("%s and %s: %w", keyCert, keyKey, err)
	}
	return p, nil
}

// good reports whether a pair is valid for a host, and need not be renewed yet.
func (p *pair) good(host string, now time.Time) bool {
	if p == nil {
		return false
	}
	pool := x509.NewCertPool()
	pool.AddCert(p.cas[0])
	_, err := p.leaf.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err == nil && now.Add(renewLeaf).Before(p.leaf.Leaf.NotAfter) &&
		now.Add(renewCA).Before(p.cas[0].NotAfter)
}

// renewed returns a pair to replace p, which may be nil. The CA stays the same as long as it
// is valid.
func (p *pair) renewed(host string, now time.Time) (*pair, error) {
	next := &pair{}
	if p != nil {
		next.caKey = p.caKey
		for _, ca := range p.cas {
			if now.Before(ca.NotAfter) {
				next.cas = append(next.cas, ca)
			}
		}
	}
	if len(next.cas) == 0 || next.cas[0] != p.cas[0] ||
		now.Add(renewCA).After(next.cas[0].NotAfter) || !permits(next.cas[0], host) {
		ca, key, err := newCA(host, now)
		if err != nil {
			return nil, err
		}
		next.cas, next.caKey = append([]*x509.Certificate{ca}, next.cas...), key
	}
	return next, next.issue(host, now)
}

// permits reports whether a CA may certify a host.
func permits(ca *x509.Certificate, host string) bool {
	return len(ca.PermittedDNSDomains) == 1 && ca.PermittedDNSDomains[0] == host
}

// newCA creates a CA that can certify one host only.
func newCA(host string, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	template := &x509.Certificate{
		Subject:                     pkix.Name{CommonName: "plumb admission CA"},
		NotBefore:                   now.Add(-skew),
		NotAfter:                    now.Add(lifeCA),
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign,
		PermittedDNSDomains:         []string{host},
		PermittedDNSDomainsCritical: true,
	}
	return certify(template, nil, nil)
}

// issue creates a certificate by the current CA.
func (p *pair) issue(host string, now time.Time) error {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "plumb admission"},
		DNSNames:              []string{host},
		NotBefore:             now.Add(-skew),
		NotAfter:              now.Add(lifeLeaf),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	leaf, key, err := certify(template, p.cas[0], p.caKey)
	if err != nil {
		return err
	}
	p.leafPEM = certificates(leaf)
	if p.keyPEM, err = privatePEM(key); err != nil {
		return err
	}
	p.leaf, err = tls.X509KeyPair(p.leafPEM, p.keyPEM)
	return err
}

// certify creates a key and a certificate for it, signed by an authority or by itself.
func certify(template, by *x509.Certificate,
	byKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader,
		new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, nil, err
	}
	if by == nil {
		by, byKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, key.Public(), byKey)
	if err != nil {
		return nil, nil, err
	}
	made, err := x509.ParseCertificate(der)
	return made, key, err
}

// secret is a pair as a Secret holds it.
func (p *pair) secret() (map[string][]byte, error) {
	key, err := privatePEM(p.caKey)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{keyCA: p.bundle(), keyCAKey: key, keyCert: p.leafPEM,
		keyKey: p.keyPEM}, nil
}

// bundle is the CAs to trust, PEM.
func (p *pair) bundle() []byte { return certificates(p.cas...) }

func certificates(all ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range all {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return b.Bytes()
}

func privatePEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), err
}
