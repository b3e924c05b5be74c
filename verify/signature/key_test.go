package signature_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

func TestParseKey(t *testing.T) {
	modulus := func(bits int) *rsa.PublicKey { // no key, but one to look at
		return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), bits-1, 1), E: 65537}
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pemOf := func(public any) string {
		data, err := signaturetest.PublicPEM(public)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	p256, ed, long := pemOf(signer(t, "P-256").Public()), pemOf(signer(t, "Ed25519").Public()), pemOf(signer(t, "RSA").Public())
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY",
		Bytes: x509.MarshalPKCS1PublicKey(signer(t, "RSA").Public().(*rsa.PublicKey))}))
	tests := []struct{ name, data, hash, want string }{
		{"P-256", p256, "", ""},
		{"white space about it", "\n" + p256 + "\n\n", "sha256", ""},
		{"RSA in the older form", pkcs1, "sha512", ""},
		{"Ed25519", ed, "", ""},
		{"Ed25519 with its hash", ed, "sha512", ""},
		{"Ed25519 with another hash", ed, "sha256", "Ed25519 does not sign sha256"},
		{"unknown hash", p256, "md5", `hash algorithm "md5" is not one of`},
		{"two keys", p256 + long, "", "something follows"},
		{"no PEM", "x", "", "no PEM block"},
		{"nothing", "", "", "no PEM block"},
		{"certificate", string(sigstore(t).AuthorityPEM()), "", "something follows"},
		{"one certificate", string(rootOnly(sigstore(t).AuthorityPEM())), "", `the PEM block is a "CERTIFICATE"`},
		{"RSA of 1024 bits", pemOf(modulus(1024)), "", "RSA of 1024 bits"},
		{"RSA of 16384 bits", pemOf(modulus(16384)), "", "RSA of 16384 bits"},
		{"P-224", pemOf(p224.Public()), "", "the curve P-224"},
		{"too large", p256 + strings.Repeat("\n", 1<<20), "", "more than the"},
		{"garbage in PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "", "public key: "},
	}
	for _, tt := range tests {
		_, err := signature.ParseKey([]byte(tt.data), tt.hash)
		if tt.want == "" && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	one, err := signature.ParseKey([]byte(pkcs1), "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := signature.ParseKey([]byte(long), "")
	if err != nil {
		t.Fatal(err)
	}
	if one.Fingerprint() != other.Fingerprint() {
		t.Errorf("one key in two forms: %s and %s", one.Fingerprint(), other.Fingerprint())
	}
}

func TestTrust(t *testing.T) {
	certificates, timestamps := string(sigstore(t).AuthorityPEM()), string(sigstore(t).TimestampPEM())
	logKey, err := sigstore(t).LogPEM()
	if err != nil {
		t.Fatal(err)
	}
	var trusted signature.Trust
	authority := func(data string) error { return trusted.AddAuthority([]byte(data), "", signature.Validity{}) }
	stamper := func(data string) error { return trusted.AddTimestampAuthority([]byte(data), "", signature.Validity{}) }
	log := func(data string) error { return trusted.AddLog([]byte(data), "", signature.Validity{}) }
	ctLog := func(data string) error { return trusted.AddCTLog([]byte(data), "", signature.Validity{}) }
	root := func(data string) error {
		_, err := signature.ParseTrustedRoot([]byte(data))
		return err
	}
	leaf, _, _ := strings.Cut(timestamps, "-----END CERTIFICATE-----\n")
	leaf += "-----END CERTIFICATE-----\n"
	tests := []struct {
		name string
		add  func(string) error
		data string
		want string
	}{
		{"authority", authority, certificates, ""},
		{"authority of no certificate", authority, "", "no certificate"},
		{"authority of a key", authority, string(logKey), `the PEM block is a "PUBLIC KEY"`},
		{"authority and something else", authority, certificates + "x", "not a PEM block"},
		{"timestamp authority", stamper, timestamps, ""},
		{"timestamp authority of no certificate", stamper, "", "no certificate"},
		{"timestamp authority with two of its own", stamper, leaf + timestamps, "more than one certificate"},
		{"log", log, string(logKey), ""},
		{"log of a certificate", log, certificates, "transparency log: "},
		{"certificate transparency log", ctLog, string(logKey), ""},
		{"certificate transparency log of nothing", ctLog, "", "certificate transparency log: "},
		{"trusted root of nothing", root, "", "trusted root: "},
		{"trusted root of another type", root, `{"mediaType":"x"}`, "unsupported TrustedRoot media type"},
		{"trusted root with a log that is null", root,
			`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[null]}`, "trusted root: "},
		{"trusted root with an authority of null", root,
			`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","certificateAuthorities":[{"certChain":{"certificates":[null]}}]}`,
			"trusted root: "},
		{"trusted root of 50 MiB", root, strings.Repeat(" ", 50<<20), "more than the"},
	}
	for _, tt := range tests {
		err := tt.add(tt.data)
		if tt.want == "" && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}
