package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
)

// TestEndToEndSigned has the real cosign clients sign what real registries hold,
// and runs the built command on it as people do.
func TestEndToEndSigned(t *testing.T) {
	plumb := buildPlumb(t)
	for _, version := range []string{"v2.6.5", "v3.1.3"} { // those of testdata/tools
		for _, legacy := range []bool{true, false} {
			if legacy && version != "v2.6.5" {
				continue // which writes bundles only
			}
			for _, kind := range registryKinds {
				if kind.tokens {
					continue // which the other end-to-end tests have, and no signature depends on
				}
				t.Run(fmt.Sprintf("cosign %s, older format %t, %s", version, legacy, kind.name), func(t *testing.T) {
					client := newCosign(t, version, legacy)
					signedEndToEnd(t, plumb, client, startRealRegistry(t, kind))
				})
			}
		}
	}
}

// scanType is the predicate type of an attestation.
const scanType = "https://example.com/scan/v1"

// signedEndToEnd runs plumb on images in one registry that one client signs. The last
// part ends the registry.
func signedEndToEnd(t *testing.T, plumb string, cosign *cosign, r *realRegistry) {
	web, agent := pushIndex(t, r, "team/web", "1.4"), pushImage(t, r, "agent", "2")
	cosign.env = append(cosign.env, "DOCKER_CONFIG="+login(t, r.host, registryPassword), "SSL_CERT_FILE="+r.caFile)
	cosign.newKey(t, "right")
	cosign.newKey(t, "wrong")
	signedBy := func(key string) string { return "      key: {file: " + key + ".pub}\n" }
	scanned := func(answer int) string {
		return signedBy("right") + fmt.Sprintf("      attestations:\n        - {name: scan, predicateType: %q, policy: {type: cel, data: predicate.answer == %d}}\n", scanType, answer)
	}

	t.Run("nobody has signed", func(t *testing.T) {
		newSigned(t, plumb, r, cosign, signedBy("right")).denies(t, "no signature or attestation was found")
	})
	for _, e := range []lockfile.Entry{web, agent} {
		cosign.sign(t, e, "right")
	}
	t.Run("another key", func(t *testing.T) {
		newSigned(t, plumb, r, cosign, signedBy("wrong")).denies(t, "is not accepted: policy team is not satisfied")
	})
	t.Run("a signature and no attestation", func(t *testing.T) {
		newSigned(t, plumb, r, cosign, scanned(42)).denies(t, "attestation scan ("+scanType+")")
	})
	for _, e := range []lockfile.Entry{web, agent} {
		cosign.attest(t, e, "right", `{"answer":42}`)
	}
	t.Run("an attestation that says something else", func(t *testing.T) {
		newSigned(t, plumb, r, cosign, scanned(41)).denies(t, "the expression is false")
	})
	t.Run("an image that no signed index lists", func(t *testing.T) {
		other := pushImage(t, r, "team/web", "other")
		c := newSigned(t, plumb, r, cosign, signedBy("right"))
		for _, file := range []string{"apps/web.yaml", "apps/again.yaml", "agent.yaml"} {
			writeFile(t, filepath.Join(c.dir, file), pod("web", r.host+"/team/web:1.4@"+other.Digest))
		}
		c.denies(t, "is not accepted")
	})

	// The index is signed, not what it lists.
	child := newSigned(t, plumb, r, cosign, signedBy("right"))
	for _, file := range []string{"apps/web.yaml", "apps/again.yaml"} {
		writeFile(t, filepath.Join(child.dir, file), pod("web", r.host+"/team/web:1.4@"+web.Platforms[0].Manifest))
	}
	signed, attested := newSigned(t, plumb, r, cosign, signedBy("right")), newSigned(t, plumb, r, cosign, scanned(42))
	for _, c := range []*cluster{signed, attested, child} {
		c.exits(t, 1, "verify")
		c.exits(t, 0, "lock")
	}
	r.stop(t)
	t.Run("the registry is gone, signed", func(t *testing.T) { signed.stays(t, cosign, []lockfile.Entry{web, agent}) })
	t.Run("the registry is gone, a child of what is signed", func(t *testing.T) { child.staysWithIndex(t, web) })
	t.Run("the registry is gone, attested", func(t *testing.T) {
		attested.stays(t, cosign, []lockfile.Entry{web, agent})
	})
}

// staysWithIndex holds a cluster with a pinned child of a signed index against it: with
// the index among the evidence it is accepted, and without it not.
func (c *cluster) staysWithIndex(t *testing.T, index lockfile.Entry) {
	t.Helper()
	file := filepath.Join(c.dir, ".plumb", "evidence", strings.Replace(index.Digest, ":", "-", 1)+".json")
	if out := c.exits(t, 0, "evidence", "show"); !strings.Contains(out, "signed the index that lists it, "+index.Digest) {
		t.Errorf("plumb evidence show says\n%s", out)
	}
	c.exits(t, 0, "verify")
	c.exits(t, 0, "lock")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c.exits(t, 1, "verify")
	writeFile(t, file, string(text))
	c.exits(t, 0, "verify")
}

// newSigned is a cluster with a policy for all images of the registry, of which
// authority is what it demands.
func newSigned(t *testing.T, plumb string, r *realRegistry, cosign *cosign, authority string) *cluster {
	t.Helper()
	c := newCluster(t, plumb, r.host)
	c.env = append(c.env, "DOCKER_CONFIG="+login(t, r.host, registryPassword))
	c.trust(t, r.caFile)
	writeFile(t, filepath.Join(c.dir, "policies", "team.yaml"), `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: team}
spec:
  images: [{glob: "`+r.host+`/**"}]
  authorities:
    - name: release
`+authority)
	for _, key := range []string{"right", "wrong"} {
		writeFile(t, filepath.Join(c.dir, "policies", key+".pub"), cosign.read(t, key+".pub"))
	}
	return c
}

// denies locks the cluster, which policies must keep it from, for this reason, and
// which must change nothing.
func (c *cluster) denies(t *testing.T, reason string) {
	t.Helper()
	before := c.files(t)
	if out := c.exits(t, 1, "lock"); !strings.Contains(out, reason) {
		t.Errorf("plumb lock does not say %q, but\n%s", reason, out)
	}
	if diff := cmp.Diff(before, c.files(t)); diff != "" {
		t.Errorf("what was denied has changed files (-before +after):\n%s", diff)
	}
	c.exits(t, 1, "verify")
}

// stays holds a cluster that was locked against what was pushed and signed, with no
// registry to ask: it is accepted, until the policy names another key.
func (c *cluster) stays(t *testing.T, cosign *cosign, pushed []lockfile.Entry) {
	t.Helper()
	files := c.files(t)
	lock, err := lockfile.Parse("plumb.lock", []byte(files["plumb.lock"]))
	if err != nil {
		t.Fatal(err)
	}
	if len(lock.Entries) != len(pushed) {
		t.Fatalf("%d entries are locked, want %d", len(lock.Entries), len(pushed))
	}
	for _, e := range lock.Entries {
		if len(e.Verified) != 1 || !strings.HasPrefix(e.Verified[0].Signer, "key ") {
			t.Fatalf("%s: the lock says that it was signed by %v", e.Name, e.Verified)
		}
		text := files[".plumb/evidence/"+strings.Replace(e.Verified[0].Evidence, ":", "-", 1)+".json"]
		if legacy := strings.Contains(text, "plumb.dev/evidence/v1"); legacy != cosign.legacy {
			t.Errorf("%s: its evidence is of the other format, or missing: %.80s", e.Name, text)
		}
	}
	before := c.files(t)
	c.exits(t, 0, "verify", "--no-cache")
	c.exits(t, 0, "verify")
	c.exits(t, 0, "verify")
	c.exits(t, 0, "evidence", "show")
	c.exits(t, 0, "lock")
	if diff := cmp.Diff(before, c.files(t)); diff != "" {
		t.Errorf("verifying and locking again have changed files (-before +after):\n%s", diff)
	}
	writeFile(t, filepath.Join(c.dir, "policies", "right.pub"), cosign.read(t, "wrong.pub"))
	if out := c.exits(t, 1, "verify"); !strings.Contains(out, "[evidence]") {
		t.Errorf("plumb verify says\n%s", out)
	}
	writeFile(t, filepath.Join(c.dir, "policies", "right.pub"), cosign.read(t, "right.pub"))
	c.exits(t, 0, "verify")
}
