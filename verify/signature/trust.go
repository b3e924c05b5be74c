package signature

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	prototrust "github.com/sigstore/protobuf-specs/gen/pb-go/trustroot/v1"
	"github.com/sigstore/rekor-tiles/v2/pkg/note"
	"github.com/sigstore/sigstore-go/pkg/root"
	"google.golang.org/protobuf/encoding/protojson"
)

// MaxTrustedRoot is how many bytes a trusted root may have.
const MaxTrustedRoot = 4 << 20

// ParseTrustedRoot reads a trusted_root.json (media type
// application/vnd.dev.sigstore.trustedroot+json;version=0.1), which sigstore
// instances publish.
func ParseTrustedRoot(data []byte) (trusted root.TrustedMaterial, err error) {
	defer func() {
		if p := recover(); p != nil {
			trusted, err = nil, fmt.Errorf("trusted root: parser panicked: %v", p)
		}
	}()
	if len(data) > MaxTrustedRoot {
		return nil, fmt.Errorf("trusted root: %d bytes, more than the %d that are read", len(data),
			MaxTrustedRoot)
	}
	var message prototrust.TrustedRoot
	if err := protojson.Unmarshal(data, &message); err != nil {
		return nil, fmt.Errorf("trusted root: %w", plain(err))
	}
	parsed, err := root.NewTrustedRootFromProtobuf(&message)
	if err != nil {
		return nil, fmt.Errorf("trusted root: %w", plain(err))
	}
	return parsed, nil
}

// Validity is when an authority or log may be believed. A zero time is no bound.
type Validity struct {
	Start, End time.Time
}

// Trust is trusted material put together from parts. The zero Trust trusts
// nothing. It must not change once it is used.
type Trust struct {
	root.BaseTrustedMaterial
	authorities []root.CertificateAuthority
	stampers    []root.TimestampingAuthority
	logs        map[string]*root.TransparencyLog
	ctLogs      map[string]*root.TransparencyLog
}

var _ root.TrustedMaterial = (*Trust)(nil)

// FulcioCertificateAuthorities implements root.TrustedMaterial.
func (t *Trust) FulcioCertificateAuthorities() []root.CertificateAuthority { return t.authorities }

// TimestampingAuthorities implements root.TrustedMaterial.
func (t *Trust) TimestampingAuthorities() []root.TimestampingAuthority { return t.stampers }

// RekorLogs implements root.TrustedMaterial.
func (t *Trust) RekorLogs() map[string]*root.TransparencyLog { return t.logs }

// CTLogs implements root.TrustedMaterial.
func (t *Trust) CTLogs() map[string]*root.TransparencyLog { return t.ctLogs }

// AddAuthority trusts a certificate authority: PEM certificates, of which the
// self-signed are roots and the others lead to them. Where none is self-signed the
// last is what is trusted.
func (t *Trust) AddAuthority(chain []byte, uri string, valid Validity) error {
	certificates, err := parseCertificates(chain)
	if err != nil {
		return fmt.Errorf("certificate authority: %w", err)
	}
	roots, others, err := anchors(certificates)
	if err != nil {
		return fmt.Errorf("certificate authority: %w", err)
	}
	for _, r := range roots {
		t.authorities = append(t.authorities, &root.FulcioCertificateAuthority{Root: r,
			Intermediates: others, URI: uri,
			ValidityPeriodStart: valid.Start, ValidityPeriodEnd: valid.End})
	}
	return nil
}

// AddTimestampAuthority trusts an RFC 3161 timestamp authority: PEM certificates as
// with AddAuthority, and among them its own, if timestamps do not carry it.
func (t *Trust) AddTimestampAuthority(chain []byte, uri string, valid Validity) error {
	certificates, err := parseCertificates(chain)
	if err != nil {
		return fmt.Errorf("timestamp authority: %w", err)
	}
	roots, others, err := anchors(certificates)
	if err != nil {
		return fmt.Errorf("timestamp authority: %w", err)
	}
	var leaf *x509.Certificate
	var above []*x509.Certificate
	for _, c := range others {
		switch {
		case c.IsCA:
			above = append(above, c)
		case leaf == nil:
			leaf = c
		default:
			return errors.New(
				"timestamp authority: more than one certificate that is not an authority's")
		}
	}
	for _, r := range roots {
		t.stampers = append(t.stampers, &root.SigstoreTimestampingAuthority{Root: r,
			Intermediates: above, Leaf: leaf, URI: uri,
			ValidityPeriodStart: valid.Start, ValidityPeriodEnd: valid.End})
	}
	return nil
}

// anchors parts certificates into those that are trusted by themselves and the rest.
func anchors(certificates []*x509.Certificate) (roots, others []*x509.Certificate, err error) {
	for _, c := range certificates {
		if selfSigned(c) {
			roots = append(roots, c)
		} else {
			others = append(others, c)
		}
	}
	if last := len(others) - 1; len(roots) == 0 && last >= 0 {
		roots, others = others[last:], others[:last]
	}
	if len(roots) == 0 {
		return nil, nil, errors.New("no certificate")
	}
	return roots, others, nil
}

// AddLog trusts a transparency log (Rekor) by its public key in PEM. Its URL is the
// origin of the checkpoints that a Rekor v2 log signs, and may be empty for Rekor v1.
func (t *Trust) AddLog(key []byte, baseURL string, valid Validity) error {
	id, log, err := newLog(key, baseURL, valid)
	if err != nil {
		return fmt.Errorf("transparency log: %w", err)
	}
	if t.logs == nil {
		t.logs = map[string]*root.TransparencyLog{}
	}
	t.logs[id] = log
	if v2 := checkpointID(log); v2 != "" {
		t.logs[v2] = log
	}
	return nil
}

// AddCTLog trusts a certificate transparency log by its public key in PEM.
func (t *Trust) AddCTLog(key []byte, baseURL string, valid Validity) error {
	id, log, err := newLog(key, baseURL, valid)
	if err != nil {
		return fmt.Errorf("certificate transparency log: %w", err)
	}
	if t.ctLogs == nil {
		t.ctLogs = map[string]*root.TransparencyLog{}
	}
	t.ctLogs[id] = log
	return nil
}

// checkpointID is the identity that a Rekor v2 log has by the key of its
// checkpoints (C2SP signed-note, "Signatures"), "" if it has no URL. With an ECDSA
// key it is the same as that of Rekor v1.
func checkpointID(log *root.TransparencyLog) string {
	u, err := url.Parse(log.BaseURL)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	_, id, err := note.KeyHash(u.Hostname(), log.PublicKey)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(id)
}

// newLog returns a log and its identity, the hex SHA-256 of its key (RFC 6962,
// section 3.2).
func newLog(key []byte, baseURL string, valid Validity) (string, *root.TransparencyLog, error) {
	k, err := ParseKey(key, "")
	if err != nil {
		return "", nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(k.public)
	if err != nil {
		return "", nil, err
	}
	if valid.Start.IsZero() {
		valid.Start = time.Unix(0, 0) // the verifier takes no log without a start
	}
	id := sha256.Sum256(der)
	return hex.EncodeToString(id[:]), &root.TransparencyLog{BaseURL: baseURL, ID: id[:],
		PublicKey: k.public, HashFunc: crypto.SHA256, SignatureHashFunc: k.hashes()[0],
		ValidityPeriodStart: valid.Start, ValidityPeriodEnd: valid.End}, nil
}
