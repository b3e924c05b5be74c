package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/resolver/signatures/signaturestest"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// The digests of images that are pushed here, to be known when they are signed.
type pushes struct{ web, migrate, rogue string }

const policies = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: web
spec:
  images:
    - glob: registry.example/shop/web*
  authorities:
    - name: release-key
      key:
        file: release.pub
---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: migrate
spec:
  images:
    - glob: registry.example/shop/migrate*
  authorities:
    - name: ci
      keyless:
        identities:
          - issuer: https://ci.shop.example
            subject: https://ci.shop.example/shop/migrate/release
`

// whoSigned is the part about signatures.
func whoSigned(p *pushes) []step {
	const worker = workImage
	return append([]step{
		{
			say: "A pin says what runs, not who made it. Two policies now say who must have signed\n" +
				"web (by a key) and migrate (by an identity, with a certificate authority of its own).",
			change:  func(s *session) error { return s.demandSignatures(p) },
			command: "head -n 11 policies/shop.yaml",
			shows: []string{"kind: ClusterImagePolicy", "glob: registry.example/shop/web*",
				"file: release.pub"},
		},
		{
			say:     "The tree has no evidence that they have.",
			command: "plumb verify",
			exit:    1,
			shows: []string{"registry.example/shop/web:1.4@",
				"is not accepted: policy web is not satisfied", "[unsigned]"},
		},
		{
			say: "lock fetches the signatures, verifies them, and keeps them in the tree.",
			command: "plumb lock && plumb verify && " +
				"plumb evidence show 'registry.example/shop/{web,migrate}:*'",
			shows: []string{"(the evidence of who signed it", "signed it",
				"for policy migrate, authority ci, in .plumb/evidence/sha256-"},
			asks: anyRequests,
		},
		{command: "git add -A && git commit -q -m 'Demand signatures' && git status --short"},
		{
			say: "An unsigned image is rejected.",
			change: func(s *session) error {
				return s.replace("ci/apply.yaml", "    - name: apply\n",
					"    - name: work\n      image: "+worker+"\n    - name: apply\n")
			},
			command: "plumb lock",
			exit:    1,
			shows:   []string{worker + "\" is not accepted", "no signature or attestation was found"},
			asks:    anyRequests,
		},
		{
			say: "A rogue CI job writes manifest and lock by hand. Both agree, " +
				"but the evidence does not verify.",
			change:  func(s *session) error { return s.forge(p, worker) },
			command: "plumb verify",
			exit:    1,
			shows:   []string{worker, "[evidence]"},
		},
		{command: "git reset -q --hard && plumb verify"},
	}, withoutNetwork()...)
}

// withoutNetwork verifies where there is no network interface at all.
func withoutNetwork() []step {
	const command = "unshare --map-root-user --net plumb verify"
	if exec.Command("unshare", "--map-root-user", "--net", "true").Run() != nil {
		return []step{{say: "!!!! this machine does not allow network namespaces: NOT SHOWN: " + command}}
	}
	return []step{{
		say:     "The same in a network namespace without interfaces: verify needs only the tree.",
		command: command,
	}}
}

// demandSignatures signs images in the lock, and writes policies that require it.
func (s *session) demandSignatures(p *pushes) error {
	sigstore, err := signaturetest.New()
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	p.web = s.registry.PushIndex("shop/web", "1.4", 1000) // what the tag was moved to
	p.migrate = s.registry.PushIndex("shop/migrate", "1.4", 2)
	p.rogue = s.registry.PushIndex("shop/web-worker", "1.0", 2000)
	for repo, what := range map[string]signaturetest.Signing{
		"shop/web": {Key: key, Digest: p.web},
		"shop/migrate": {Digest: p.migrate, Issuer: "https://ci.shop.example",
			Subject: "https://ci.shop.example/shop/migrate/release"},
	} {
		what.Repository = "registry.example/" + repo
		evidence, err := sigstore.Sign(what)
		if err != nil {
			return err
		}
		signaturestest.Attach(s.registry, repo, what.Digest, evidence)
	}
	public, err := signaturetest.PublicPEM(key.Public())
	if err != nil {
		return err
	}
	root, err := sigstore.TrustedRoot()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "policies"), 0o755); err != nil {
		return err
	}
	files := map[string][]byte{
		"shop.yaml": []byte(policies), "release.pub": public, "trusted_root.json": root}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(s.dir, "policies", name), data, 0o644); err != nil {
			return err
		}
	}
	return s.replace("plumb.yaml", "kind: Config\n",
		"kind: Config\nunsigned: allow # what no policy matches, for now\n")
}

// forge pins an image and gives the lock an entry for it that names the evidence of
// another, as who can write the repository may.
func (s *session) forge(p *pushes, name string) error {
	if err := s.replace("ci/apply.yaml", name, name+"@"+p.rogue); err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "plumb.lock"))
	if err != nil {
		return err
	}
	const web = "  - image: registry.example/shop/web:1.4\n"
	_, entry, found := strings.Cut(string(data), web)
	if !found {
		return fmt.Errorf("plumb.lock has no entry for web")
	}
	entry, _, _ = strings.Cut(entry, "\n  - ")
	entry = strings.TrimSuffix(entry, "\n")
	forged := strings.Replace("  - image: "+name+"\n"+entry+"\n", p.web, p.rogue, 1)
	// The lock is sorted, and "web-worker" comes before "web:1.4".
	return s.replace("plumb.lock", web, forged+web)
}
