package signature_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// conformance is where the public conformance suite's cases are expected: beside
// the checkout.
const conformance = "../../../shared/conformance"

// defaultIdentity is who signed where a case does not say, as the suite's README has it.
const (
	defaultIdentity = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/" +
		".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
	defaultIssuer = "https://token.actions.githubusercontent.com"
)

// conformed is what TestConformance came to, "" if it did not run.
var conformed string

// TestMain prints it behind the hundreds of lines that "go test -v" has of the cases.
func TestMain(m *testing.M) {
	code := m.Run()
	if conformed != "" {
		fmt.Println(conformed)
	}
	os.Exit(code)
}

// TestConformance tries each case of the public suite by artifact and by digest.
// Cases whose name ends in _fail must be rejected.
func TestConformance(t *testing.T) {
	if _, err := os.Stat(conformance); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("NOT TESTED: the conformance suite is not at %s", conformance)
	}
	bundles, err := filepath.Glob(filepath.Join(conformance, "bundle-verify", "*", "bundle.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	passed, all := 0, 0
	for _, bundle := range bundles {
		dir := filepath.Dir(bundle)
		for _, by := range []string{"artifact", "digest"} {
			all++
			name := filepath.Base(dir) + "/" + by
			if t.Run(name, func(t *testing.T) { conforms(t, dir, by == "artifact") }) {
				passed++
			}
		}
	}
	if all == 0 {
		t.Fatalf("no cases in %s", conformance)
	}
	conformed = fmt.Sprintf("conformance %d of %d", passed, all)
}

// conforms judges one case.
func conforms(t *testing.T, dir string, withContent bool) {
	got := verifyCase(t, dir, withContent)
	if wantReject := strings.HasSuffix(dir, "_fail"); wantReject && got == nil {
		t.Error("accepted; must be rejected")
	} else if !wantReject && got != nil {
		t.Errorf("rejected; must be accepted: %v", got)
	} else if wantReject {
		t.Log(got)
	}
}

// verifyCase returns why a case is rejected.
func verifyCase(t *testing.T, dir string, withContent bool) error {
	// The default artifact and trust root lie above the case's folder.
	content := either(t, filepath.Join(dir, "artifact"), filepath.Join(dir, "..", "a.txt"))
	trustedRoot := either(t, filepath.Join(dir, "trusted_root.json"), filepath.Join(conformance, "public-good-trusted-root.json"))
	trust, err := signature.ParseTrustedRoot(trustedRoot)
	if err != nil {
		return err
	}
	raw := either(t, filepath.Join(dir, "bundle.sigstore.json"), "")
	evidence, err := signature.ParseEvidence(raw)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	subject := signature.Subject{Digest: "sha256:" + hex.EncodeToString(sum[:])}
	if withContent {
		subject.Content = content
	}
	requirement := signature.Requirement{Kind: signature.Artifact, Trust: trust}
	if pem, err := os.ReadFile(filepath.Join(dir, "key.pub")); err == nil {
		key, err := signature.ParseKey(pem, "")
		if err != nil {
			return err
		}
		// A key's signature needs no time, and one of the bundles has a timestamp of an
		// authority that its trust root does not have.
		requirement.Keys = []signature.Key{key}
		requirement.NoLogUnsafe = !strings.Contains(string(raw), "tlogEntries")
	} else {
		identity, err := signature.NewIdentity(text(dir, "issuer", defaultIssuer), "", text(dir, "identity", defaultIdentity), "")
		if err != nil {
			return err
		}
		requirement.Identities = []signature.Identity{identity}
		requirement.Timestamp = stamped(raw)
	}
	_, err = signature.Verify(subject, evidence, requirement)
	return err
}

// stamped reports whether a bundle has timestamps.
func stamped(raw []byte) bool {
	var b struct {
		VerificationMaterial struct {
			TimestampVerificationData struct {
				RFC3161Timestamps []any `json:"rfc3161Timestamps"`
			} `json:"timestampVerificationData"`
		} `json:"verificationMaterial"`
	}
	return json.Unmarshal(raw, &b) == nil && len(b.VerificationMaterial.TimestampVerificationData.RFC3161Timestamps) > 0
}

// either returns what the first of two files holds that exists.
func either(t *testing.T, path, otherwise string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && otherwise != "" {
		data, err = os.ReadFile(otherwise)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// text returns what a file of a case says, or the suite's default.
func text(dir, name, otherwise string) string {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return otherwise
	}
	return strings.TrimSpace(string(data))
}

// TestLogByKey has a log that is given as a key and a URL be known by the name that
// its instance publishes, of Rekor v1 and v2.
func TestLogByKey(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(conformance, "bundle-verify", "rekor2-*", "trusted_root.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("NOT TESTED: the conformance suite is not at %s", conformance)
	}
	for _, file := range files {
		trusted, err := signature.ParseTrustedRoot(either(t, file, ""))
		if err != nil {
			t.Fatal(err)
		}
		for id, log := range trusted.RekorLogs() {
			pem, err := signaturetest.PublicPEM(log.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			var given signature.Trust
			if err := given.AddLog(pem, log.BaseURL, signature.Validity{}); err != nil {
				t.Fatal(err)
			}
			if given.RekorLogs()[id] == nil {
				t.Errorf("%s: the log %s is not known as %s", file, log.BaseURL, id)
			}
		}
	}
}
