package signatures_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// TestCosignSigns has the real clients sign with each kind of key, in both formats,
// and verifies what they have put into the registry.
func TestCosignSigns(t *testing.T) {
	for version, formats := range cosignFormats {
		for _, kind := range []string{"P-256", "P-384", "P-521", "RSA", "Ed25519"} {
			for _, legacy := range formats {
				t.Run(fmt.Sprintf("%s/%s/legacy=%t", version, kind, legacy), func(t *testing.T) {
					c := newClient(t, version)
					t.Parallel()
					image := newImage(t)
					public := c.importKey(t, kind)
					c.sign(t, image, legacy)
					r := signature.Requirement{Kind: signature.Signature, Keys: []signature.Key{public}, NoLogUnsafe: true}
					other := r
					other.Keys = []signature.Key{key(t, newKey(t, "P-256"))}
					checkSigned(t, image, r, other, legacy)
				})
			}
		}
	}
}

// TestCosignSignsKeyless has the real clients sign with a certificate, logged and
// stamped, against an instance that is served to them.
func TestCosignSignsKeyless(t *testing.T) {
	for version, formats := range cosignFormats {
		for _, legacy := range formats {
			for _, rekor := range []int{1, 2} {
				if rekor == 2 && version == "v2.6.5" {
					// The older format has no place for an entry of Rekor v2, and in a
					// bundle this release makes one of a type that Rekor v2 has dropped.
					continue
				}
				t.Run(fmt.Sprintf("%s/legacy=%t/rekor=%d", version, legacy, rekor), func(t *testing.T) {
					c := newClient(t, version)
					t.Parallel()
					image := newImage(t)
					c.signKeyless(t, image, legacy, rekor)
					r := byIdentity(t)
					r.Timestamp = true
					other := r
					other.Identities = []signature.Identity{identity(t, issuer, "https://github.com/other", "")}
					checkSigned(t, image, r, other, legacy)
				})
			}
		}
	}
}

// signKeyless has the client sign an image and attest to something of it by the
// tests' identity.
func (c *client) signKeyless(t *testing.T, image signedImage, legacy bool, rekor int) {
	t.Helper()
	server := httptest.NewServer(sigstore(t).Handler())
	t.Cleanup(server.Close)
	token, err := signaturetest.Token(subject, issuer)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := sigstore(t).TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	c.file(t, "predicate.json", []byte(`{"answer":42}`))
	flags := []string{"--yes", "--identity-token", token}
	if legacy {
		c.trustParts(t)
		c.env = append(c.env, "SIGSTORE_ROOT_FILE="+c.file(t, "roots.pem", sigstore(t).AuthorityPEM()))
		flags = append(flags, "--fulcio-url", server.URL, "--rekor-url", server.URL,
			"--timestamp-server-url", server.URL+"/api/v1/timestamp", "--new-bundle-format=false")
	} else {
		flags = append(flags, "--signing-config", c.file(t, "signing.json", signingConfig(server.URL, rekor)),
			"--trusted-root", c.file(t, "trusted_root.json", trusted))
		if !c.bundles() {
			flags = append(flags, "--new-bundle-format")
		}
	}
	c.must(t, append(append([]string{"sign"}, flags...), image.name())...)
	c.must(t, append(append([]string{"attest", "--predicate", "predicate.json", "--type", provenance}, flags...), image.name())...)
}

// signingConfig is where a client finds the parts of an instance.
func signingConfig(url string, rekor int) []byte {
	service := func(path string, version int) string {
		return fmt.Sprintf(`[{"url":%q,"majorApiVersion":%d,"validFor":{"start":"2020-01-01T00:00:00Z"},"operator":"tests"}]`, url+path, version)
	}
	return []byte(`{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":` + service("", 1) +
		`,"rekorTlogUrls":` + service("", rekor) + `,"tsaUrls":` + service("/api/v1/timestamp", 1) +
		`,"rekorTlogConfig":{"selector":"ANY"},"tsaConfig":{"selector":"ANY"}}`)
}

// importKey gives the client a key as cosign.key and returns the public half as the
// client says it is.
func (c *client) importKey(t *testing.T, kind string) signature.Key {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(newKey(t, kind))
	if err != nil {
		t.Fatal(err)
	}
	c.file(t, "private.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	c.must(t, "import-key-pair", "--key", "private.pem", "--output-key-prefix", "cosign")
	data, err := os.ReadFile(filepath.Join(c.dir, "cosign.pub"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.ParseKey(data, "")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign has the client sign an image and attest to something of it, with no log.
func (c *client) sign(t *testing.T, image signedImage, legacy bool) {
	t.Helper()
	c.file(t, "predicate.json", []byte(`{"answer":42}`))
	flags := []string{"--yes", "--key", "cosign.key"}
	if c.bundles() {
		c.file(t, "signing.json", []byte(`{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}`))
		flags = append(flags, "--signing-config", "signing.json")
	} else {
		flags = append(flags, "--tlog-upload=false", fmt.Sprintf("--new-bundle-format=%t", !legacy))
	}
	c.must(t, append(append([]string{"sign"}, flags...), image.name())...)
	c.must(t, append(append([]string{"attest", "--predicate", "predicate.json", "--type", provenance}, flags...), image.name())...)
}

// checkSigned verifies what a client has put into the registry: one signature and
// one attestation, neither by another signer.
func checkSigned(t *testing.T, image signedImage, signed, other signature.Requirement, legacy bool) {
	t.Helper()
	subject := signature.Subject{Repository: image.repository(), Digest: image.digest}
	attested := signed
	attested.Kind, attested.PredicateType = signature.Attestation, provenance
	elsewhere := subject
	elsewhere.Repository += "2"
	counts := map[string]int{}
	found := image.find(t)
	for _, e := range found {
		if (e.Legacy != nil) != legacy {
			t.Fatal("the client has written the other format")
		}
		if e2, err := signature.ParseEvidence(e.Format()); err != nil || string(e2.Format()) != string(e.Format()) {
			t.Errorf("not stored as it was: %v", err)
		}
		for name, r := range map[string]signature.Requirement{"signed": signed, "attested": attested, "other signer": other} {
			v, err := signature.Verify(subject, e, r)
			if err != nil {
				continue
			}
			counts[name]++
			if name == "attested" && !strings.Contains(string(v.Payload), `"answer":42`) {
				t.Errorf("the statement is %s", v.Payload)
			}
			_, err = signature.Verify(elsewhere, e, r)
			if simple := legacy && name == "signed"; (err == nil) == simple {
				t.Errorf("%s, for another repository: %v", name, err)
			}
		}
	}
	if counts["signed"] != 1 || counts["attested"] != 1 || counts["other signer"] != 0 {
		t.Errorf("verified %v, want one signature, one attestation, and nothing by another key", counts)
		for _, e := range found {
			_, err := signature.Verify(subject, e, signed)
			_, err2 := signature.Verify(subject, e, attested)
			t.Logf("as a signature: %v; as an attestation: %v", err, err2)
		}
	}
}
