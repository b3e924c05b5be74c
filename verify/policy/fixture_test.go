package policy_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

const (
	digest     = "sha256:5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350"
	repository = "ghcr.io/acme/app"
	subject    = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"
	issuer     = "https://token.actions.githubusercontent.com"
	scan       = "https://example.com/scan/v1"
)

// key is a public key that nobody signs with here, as policies hold it.
const key = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIcbqK2RAVZOfPzo+kbOhNYq8DK9f
B2BGbU7jAXEvYthJ3vRcYq8l7g9UAXXiz9P2awFuTa4COcZU2IdEDVU0uA==
-----END PUBLIC KEY-----
`

// world is a sigstore instance and a key, and the documents that trust them.
type world struct {
	*signaturetest.Sigstore
	key   *ecdsa.PrivateKey
	root  string // a trusted_root.json
	trust string // a TrustRoot named acme
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := signaturetest.New()
	if err != nil {
		t.Fatal(err)
	}
	root, err := s.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Sigstore: s, key: newKey(t), root: string(root)}
	w.trust = w.trustRoot(t, "acme")
	return w
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// trustRoot is a TrustRoot with the instance's keys.
func (w *world) trustRoot(t testing.TB, name string) string {
	t.Helper()
	logKey, err := w.LogPEM()
	if err != nil {
		t.Fatal(err)
	}
	ctKey, err := w.CTLogPEM()
	if err != nil {
		t.Fatal(err)
	}
	text := func(pem []byte) string { return base64.StdEncoding.EncodeToString(pem) }
	return fmt.Sprintf(`apiVersion: policy.sigstore.dev/v1alpha1
kind: TrustRoot
metadata:
  name: %s
spec:
  sigstoreKeys:
    certificateAuthorities:
    - subject: {organization: acme, commonName: fulcio}
      uri: https://fulcio.acme.example
      certChain: %s
    tLogs:
    - baseURL: https://rekor.signaturetest.invalid
      hashAlgorithm: sha-256
      publicKey: %s
    ctLogs:
    - baseURL: https://ctlog.acme.example
      hashAlgorithm: sha-256
      publicKey: %s
    timestampAuthorities:
    - subject: {organization: acme, commonName: tsa}
      uri: https://tsa.acme.example
      certChain: %s
`, name, text(w.AuthorityPEM()), text(logKey), text(ctKey), text(w.TimestampPEM()))
}

// sign signs the image as what says.
func (w *world) sign(t testing.TB, what signaturetest.Signing) signature.Evidence {
	t.Helper()
	if what.Repository == "" {
		what.Repository = repository
	}
	if what.Digest == "" {
		what.Digest = digest
	}
	if what.Key == nil && what.Subject == "" {
		what.Subject = subject
	}
	if what.Key == nil && what.Issuer == "" {
		what.Issuer = issuer
	}
	e, err := w.Sign(what)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// app is the image that is judged.
func app(t testing.TB) policy.Image {
	t.Helper()
	name, err := oci.Parse(repository + ":v1@" + digest)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Image{Name: name}
}

// keyOf is the item "key" of an authority.
func keyOf(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	pem, err := signaturetest.PublicPEM(public)
	if err != nil {
		t.Fatal(err)
	}
	return "key:\n  data: |\n" + indent(4, string(pem))
}

// keyless is the item "keyless" of an authority that trusts the release workflow; more
// are lines for it.
func keyless(more ...string) string {
	return "keyless:\n  identities:\n  - issuer: " + issuer + "\n    subject: " + subject + "\n" + indent(2, strings.Join(more, "\n"))
}

// cip is a policy for the image with one authority; more are lines below spec.
func cip(authority string, more ...string) string {
	return named("p", authority, more...)
}

func named(name, authority string, more ...string) string {
	return "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata:\n  name: " + name + "\nspec:\n" +
		"  images:\n  - glob: " + repository + "*\n" + indent(2, strings.Join(more, "\n")) +
		"  authorities:\n  -\n" + indent(4, authority)
}

// indent puts spaces before each line of text that is not empty.
func indent(n int, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(strings.Repeat(" ", n))
		}
		b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
	return b.String()
}

// parse parses texts as files a.yaml, b.yaml, …
func parse(texts ...string) (*policy.Set, error) {
	return parseWith(policy.Options{}, texts...)
}

func parseWith(o policy.Options, texts ...string) (*policy.Set, error) {
	var docs []policy.Document
	for i, text := range texts {
		docs = append(docs, policy.Document{File: fmt.Sprintf("policies/%c.yaml", 'a'+i), Data: []byte(text)})
	}
	return policy.Parse(docs, o)
}

func mustParse(t testing.TB, texts ...string) *policy.Set {
	t.Helper()
	set, err := parse(texts...)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, strings.Join(texts, "\n===\n"))
	}
	return set
}

// wantErrors fails unless err is a list of one error that holds want.
func wantErrors(t *testing.T, err error, want ...string) {
	t.Helper()
	var all yaml.ErrorList
	if !errors.As(err, &all) {
		t.Fatalf("error is %v, want a list with %q", err, want)
	}
	if len(all) != len(want) {
		t.Fatalf("%d errors, want %d:\n%v", len(all), len(want), err)
	}
	for i, w := range want {
		if !strings.Contains(all[i].Error(), w) {
			t.Errorf("error %q, want %q in it", all[i], w)
		}
	}
}
