package admission_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// Who signs the images, as the cluster's policy demands.
const (
	releaser = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"
	issuer   = "https://token.actions.githubusercontent.com"
)

const clusterPolicy = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: acme}
spec:
  images: [{glob: "ghcr.io/acme/**"}]
  authorities:
    - name: release
      keyless: {identities: [{issuer: %q, subject: %q}]}
`

// repository is a cluster's repository on a git server: a lock of signed images, in
// commits that Ada signs. What the cluster demands of it lies beside.
type repository struct {
	*gittest.Repo
	server   *gittest.Server
	sigstore *signaturetest.Sigstore
	evidence map[int]signature.Evidence // by the number of an image

	credentials, policies, signers string            // for the flags
	keys                           map[string]string // files of private keys, by whose they are
}

// newRepository makes one whose lock has images 0 to 2.
func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{Repo: gittest.New(t), evidence: map[int]signature.Evidence{},
		keys: map[string]string{}}
	dir := t.TempDir()
	r.policies, r.signers = filepath.Join(dir, "policies"), filepath.Join(dir, "signers")
	var err error
	if r.sigstore, err = signaturetest.New(); err != nil {
		t.Fatal(err)
	}
	trusted, err := r.sigstore.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(r.policies, "trusted_root.json"), trusted)
	writeFile(t, filepath.Join(r.policies, "acme.yaml"),
		fmt.Appendf(nil, clusterPolicy, issuer, releaser))
	writeFile(t, r.signers, []byte("ada@example.org "+r.key(t, "ada")))
	r.key(t, "mallory") // is not among the signers
	r.server = r.ServeHTTPS()
	r.credentials = r.server.Folder(t)
	r.lock(t, 0, 1, 2)
	r.commit("images 0 to 2")
	return r
}

// key makes an SSH key and returns its public part.
func (r *repository) key(t *testing.T, name string) string {
	t.Helper()
	r.keys[name] = filepath.Join(t.TempDir(), name)
	r.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", r.keys[name])
	public, err := os.ReadFile(r.keys[name] + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return string(public)
}

// commit commits the work tree as Ada signs it, which is all that it takes for the server
// to have it.
func (r *repository) commit(message string) string { return r.commitAs("ada", message) }

// commitAs commits with a signature by the key of name.
func (r *repository) commitAs(name, message string) string {
	r.Git("config", "gpg.format", "ssh")
	r.Git("config", "user.signingkey", r.keys[name])
	return r.Commit(message, "-S")
}

// lock writes the lock of some images, and their evidence.
func (r *repository) lock(t *testing.T, images ...int) {
	t.Helper()
	r.write(r.entries(t, images...)...)
}

// write writes a lock.
func (r *repository) write(entries ...lockfile.Entry) {
	l := &lockfile.Lock{Entries: entries}
	l.Sort()
	r.Write("plumb.lock", string(l.Format()))
}

// entries are what the lock says of images, whose evidence it writes.
func (r *repository) entries(t *testing.T, images ...int) []lockfile.Entry {
	t.Helper()
	var out []lockfile.Entry
	for _, n := range images {
		e, signed := r.evidence[n]
		if !signed {
			var err error
			e,
				err = r.sigstore.Sign(signaturetest.Signing{Repository: fmt.Sprintf("ghcr.io/acme/app-%d", n), Digest: digestOf(n), Subject: releaser, Issuer: issuer})
			if err != nil {
				t.Fatal(err)
			}
			r.evidence[n] = e
		}
		r.Write(evidence.File(evidence.Digest(e)), string(e.Format()))
		out = append(out, entryOf(n, e))
	}
	return out
}

// file is where the evidence of an image lies.
func (r *repository) file(n int) string {
	return filepath.Join(r.Dir, evidence.File(evidence.Digest(r.evidence[n])))
}

// entryOf is what a lock says of an image for which there is evidence.
func entryOf(n int, e signature.Evidence) lockfile.Entry {
	return lockfile.Entry{Kind: lockfile.Image, Name: fmt.Sprintf("ghcr.io/acme/app-%d:1.0", n),
		Digest:    digestOf(n),
		MediaType: "application/vnd.oci.image.index.v1+json",
		Platforms: []lockfile.Platform{{Platform: "linux/amd64", Manifest: digestOf(1_000_000 + n),
			Config: digestOf(2_000_000 + n)}},
		Verified: []lockfile.Verified{{Policy: "acme", Authority: "release",
			Signer: releaser + " (issuer " + issuer + ")", Evidence: evidence.Digest(e)}}}
}
