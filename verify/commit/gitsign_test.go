package commit_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"google.golang.org/protobuf/proto"

	"github.com/plumb-dev/plumb/lockfile/git"
	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/verify/commit"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

const issuer = "https://accounts.example.org"

// sign signs a commit as gitsign does: in CMS, with a certificate for an identity and
// the log's entry, without its body.
func sign(t *testing.T, s *signaturetest.Sigstore, c git.Commit, subject string, logged bool) git.Commit {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := s.Certificate(key.Public(), subject, issuer, time.Now().Add(-time.Minute), true)
	if err != nil {
		t.Fatal(err)
	}
	d, err := pkcs7.NewSignedData(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	d.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := d.AddSigner(certificate, key, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	d.Detach()
	if logged {
		info := &d.GetSignedData().SignerInfos[0]
		entry := enter(t, s, attributes(t, d), info.EncryptedDigest, certificate)
		id := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 3, 1}
		if err := info.SetUnauthenticatedAttributes([]pkcs7.Attribute{{Type: id, Value: entry}}); err != nil {
			t.Fatal(err)
		}
	}
	der, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	c.Signature = string(pem.EncodeToMemory(&pem.Block{Type: "SIGNED MESSAGE", Bytes: der}))
	return c
}

// attributes are what is signed, as it is.
func attributes(t *testing.T, d *pkcs7.SignedData) []byte {
	t.Helper()
	raw, err := asn1.Marshal(struct {
		A any `asn1:"set"`
	}{d.GetSignedData().SignerInfos[0].AuthenticatedAttributes})
	if err != nil {
		t.Fatal(err)
	}
	var inner asn1.RawValue
	if _, err := asn1.Unmarshal(raw, &inner); err != nil {
		t.Fatal(err)
	}
	return inner.Bytes
}

// enter enters a signature in the log, and returns the entry as gitsign keeps it.
func enter(t *testing.T, s *signaturetest.Sigstore, signed, sig []byte, certificate *x509.Certificate) []byte {
	t.Helper()
	sum := sha256.Sum256(signed)
	type object = map[string]any
	proposed, err := json.Marshal(object{"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": object{
		"data":      object{"hash": object{"algorithm": "sha256", "value": hex.EncodeToString(sum[:])}},
		"signature": object{"content": sig, "publicKey": object{"content": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/log/entries", bytes.NewReader(proposed)))
	var answer map[string]struct {
		IntegratedTime, LogIndex int64
		LogID                    string
		Verification             struct {
			SignedEntryTimestamp []byte
			InclusionProof       struct {
				Checkpoint, RootHash string
				TreeSize             int64
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer) != 1 {
		t.Fatalf("the log answers %s: %v", w.Body, err)
	}
	for _, a := range answer {
		id, err := hex.DecodeString(a.LogID)
		if err != nil {
			t.Fatal(err)
		}
		root, err := hex.DecodeString(a.Verification.InclusionProof.RootHash)
		if err != nil {
			t.Fatal(err)
		}
		out, err := proto.Marshal(&protorekor.TransparencyLogEntry{LogIndex: a.LogIndex, LogId: &protocommon.LogId{KeyId: id},
			KindVersion: &protorekor.KindVersion{Kind: "hashedrekord", Version: "0.0.1"}, IntegratedTime: a.IntegratedTime,
			InclusionPromise: &protorekor.InclusionPromise{SignedEntryTimestamp: a.Verification.SignedEntryTimestamp},
			InclusionProof: &protorekor.InclusionProof{LogIndex: a.LogIndex, RootHash: root, TreeSize: a.Verification.InclusionProof.TreeSize,
				Checkpoint: &protorekor.Checkpoint{Envelope: a.Verification.InclusionProof.Checkpoint}}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	return nil
}

func TestCertificates(t *testing.T) {
	ours, err := signaturetest.New()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := signaturetest.New()
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := ours.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "trusted_root.json"), trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := commit.Parse(filepath.Join(dir, "signers.yaml"), []byte("apiVersion: plumb.dev/v1\nkind: CommitSigners\ntrustedRoot: trusted_root.json\n"+
		"identities:\n- {issuer: '"+issuer+"', subject: ada@example.org}\n- {issuer: '"+issuer+"', subjectRegExp: '.*@ops.example.org'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := commit.Parse("f", []byte("ada@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0YqUWJ5L0c2FxnHzPEkPpcvE4kXoWZ5H8cXkZ5wq2l"))
	if err != nil {
		t.Fatal(err)
	}
	r := gittest.New(t)
	r.Commit("subject")
	c := read(t, r)
	r.Commit("another")
	good, other := sign(t, ours, c, "ada@example.org", true), read(t, r)
	other.Signature = good.Signature
	flip := func(c git.Commit, at func(int) int) git.Commit {
		block, _ := pem.Decode([]byte(c.Signature))
		block.Bytes[at(len(block.Bytes))] ^= 1
		c.Signature = string(pem.EncodeToMemory(block))
		return c
	}
	tests := []struct {
		name   string
		list   *commit.Signers
		commit git.Commit
		want   string // "": it is taken
	}{
		{"by a subject", list, good, ""},
		{"by a subject like another", list, sign(t, ours, c, "bob@ops.example.org", true), ""},
		{"by a stranger", list, sign(t, ours, c, "eve@example.org", true), "signature (CMS)"},
		{"by a stranger's authority", list, sign(t, theirs, c, "ada@example.org", true), "signature (CMS)"},
		{"not logged", list, sign(t, ours, c, "ada@example.org", false), "rekorMode offline"},
		{"of another commit", list, other, "it is of another commit"},
		{"altered in the log's entry", list, flip(good, func(n int) int { return n - 10 }), "signature (CMS)"},
		{"nobody is listed for certificates", keys, good, "no identities are listed"},
		{"twice", list, git.Commit{Payload: c.Payload, Signature: good.Signature + good.Signature}, "cannot be read"},
		{"nonsense", list, git.Commit{Payload: c.Payload, Signature: "-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n"}, "signature (CMS)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			who, err := tt.list.Check(tt.commit)
			if tt.want == "" && (err != nil || !strings.Contains(who, "example.org (issuer "+issuer+")")) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%q, %v; want %q", who, err, tt.want)
			}
		})
	}
}

func TestNoByteOfCMSTurnsTheVerdict(t *testing.T) {
	s, err := signaturetest.New()
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := s.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "root.json"), trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := commit.Parse(filepath.Join(dir, "f"), []byte("apiVersion: plumb.dev/v1\nkind: CommitSigners\ntrustedRoot: root.json\nidentities: [{issuer: '"+issuer+"', subject: ada@example.org}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := git.Commit{Payload: []byte("tree\n\nsubject\n")}
	good := sign(t, s, c, "ada@example.org", true)
	block, _ := pem.Decode([]byte(good.Signature))
	for i := 0; i < len(block.Bytes); i += 7 {
		bad := bytes.Clone(block.Bytes)
		bad[i] ^= 0x40
		c.Signature = string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: bad}))
		who, err := list.Check(c)
		if err == nil && who != "ada@example.org (issuer "+issuer+")" {
			t.Errorf("byte %d of %s: %q", i, base64.StdEncoding.EncodeToString(block.Bytes), who)
		}
	}
	c = good
	c.Payload = []byte("tree\n\nsubject?\n")
	if who, err := list.Check(c); err == nil {
		t.Errorf("another payload: %q", who)
	}
}
