package evidence_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// What is judged in these tests, and who signs it.
const (
	repository = "registry.example/team/app"
	tracked    = repository + ":v1"
	subject    = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1"
	issuer     = "https://token.actions.githubusercontent.com"
)

var pin = digestOf([]byte("the image"))

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// instance is the sigstore instance that the tests trust, and another is one that
// they do not. The same goes for the keys.
var (
	instance, another = sync.OnceValues(signaturetest.New), sync.OnceValues(signaturetest.New)
	key, otherKey     = sync.OnceValues(newKey), sync.OnceValues(newKey)
)

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// must returns what has to be there.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// signed signs the image, by the identity of the tests if what names nobody.
func signed(t testing.TB, what signaturetest.Signing) signature.Evidence {
	t.Helper()
	return signedBy(t, must[*signaturetest.Sigstore](t)(instance()), what)
}

func signedBy(t testing.TB, s *signaturetest.Sigstore, what signaturetest.Signing) signature.Evidence {
	t.Helper()
	if what.Repository == "" {
		what.Repository = repository
	}
	if what.Digest == "" {
		what.Digest = pin
	}
	if what.Key == nil && what.Subject == "" {
		what.Subject, what.Issuer = subject, issuer
	}
	return must[signature.Evidence](t)(s.Sign(what))
}

// folder holds the files of a lock root by their paths.
type folder map[string][]byte

func (f folder) read(path string) ([]byte, error) {
	data, ok := f[path]
	if !ok {
		return nil, fmt.Errorf("reading %s: %w", path, fs.ErrNotExist)
	}
	return data, nil
}

// storing returns a folder with evidence, each under its name.
func storing(all ...signature.Evidence) folder {
	f := folder{}
	for _, e := range all {
		f[evidence.File(evidence.Digest(e))] = e.Format()
	}
	return f
}

// keyed and keyless are the lines that a lock has of who signed, by the policies
// below.
func keyed(t testing.TB, evidence string) lockfile.Verified {
	t.Helper()
	pem := must[[]byte](t)(signaturetest.PublicPEM(must[*ecdsa.PrivateKey](t)(key()).Public()))
	k := must[signature.Key](t)(signature.ParseKey(pem, ""))
	return lockfile.Verified{Policy: "app", Authority: "acme", Signer: "key " + k.Fingerprint(), Evidence: evidence}
}

func keyless(evidence string) lockfile.Verified {
	return lockfile.Verified{Policy: "app", Authority: "ci", Signer: subject + " (issuer " + issuer + ")", Evidence: evidence}
}

// entry is the image's entry with these lines.
func entry(lines ...lockfile.Verified) lockfile.Entry {
	return lockfile.Entry{Kind: lockfile.Image, Name: tracked, Digest: pin, MediaType: "application/vnd.oci.image.index.v1+json", Verified: lines}
}

// byKey is a policy that wants the key, and byIdentity one that wants the identity.
const (
	byKey = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: app}
spec:
  images: [{glob: "registry.example/team/**"}]
  authorities: [{name: acme, key: {file: key.pub}}]
`
	byIdentity = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: app}
spec:
  images: [{glob: "registry.example/team/**"}]
  authorities:
    - name: ci
      keyless: {identities: [{issuer: "` + issuer + `", subject: "` + subject + `"}]}
`
	byAnyone = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: app}
spec:
  images: [{glob: "registry.example/team/**"}]
  authorities: [{name: anyone, static: {action: pass}}]
`
)

// world is what a set of policies is made of.
type world struct {
	policy  string
	trust   *signaturetest.Sigstore
	key     *ecdsa.PrivateKey
	options policy.Options
}

// by is the world of a policy that trusts the instance and the key.
func by(t testing.TB, text string) world {
	t.Helper()
	return world{policy: text, trust: must[*signaturetest.Sigstore](t)(instance()), key: must[*ecdsa.PrivateKey](t)(key())}
}

func (w world) set(t testing.TB) *policy.Set {
	t.Helper()
	pem := must[[]byte](t)(signaturetest.PublicPEM(w.key.Public()))
	w.options.ReadFile = func(name string) ([]byte, error) {
		if name != "policies/key.pub" {
			return nil, errors.New("there is no such file")
		}
		return pem, nil
	}
	return must[*policy.Set](t)(policy.Parse([]policy.Document{
		{File: "policies/app.yaml", Data: []byte(w.policy)},
		{File: "policies/trusted_root.json", Data: must[[]byte](t)(w.trust.TrustedRoot())},
	}, w.options))
}

// judge judges by the policies of a world and the files of a folder.
func (w world) judge(t testing.TB, files folder) *evidence.Judge {
	t.Helper()
	return &evidence.Judge{Policies: w.set(t), Read: files.read}
}

// said is all that a verdict says against an entry, on one line.
func said(v evidence.Verdict) string {
	return strings.Join(append(append(v.Reasons(), v.Faults...), v.Unproven...), "; ")
}
