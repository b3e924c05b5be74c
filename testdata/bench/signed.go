package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/signatures/signaturestest"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// signedPolicy is a policy for images of a repository, of which the bench's signer
// signs all; more are lines of the authority.
func signedPolicy(repository, more string) string {
	return fmt.Sprintf(`apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: acme}
spec:
  images: [{glob: %q}]
  authorities:
    - name: release
      keyless: {identities: [{issuer: %q, subject: %q}]}
%s`, repository, signerIssuer, signerSubject, more)
}

// write writes the files of a folder, by their paths.
func write(dir string, files map[string][]byte) error {
	for path, data := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// signedTree is a repository of images that are pinned, locked and signed: one for each
// bundle, by the digest that it is about. Without signatures, it has neither policies nor
// evidence.
func signedTree(
	bundles map[string]signature.Evidence, trusted []byte, withSignatures bool,
) map[string][]byte {
	files := map[string][]byte{}
	l := &lockfile.Lock{}
	for digest, e := range bundles {
		name := signedRepo + ":" + digest[len(digest)-8:]
		one := lockfile.Entry{Kind: lockfile.Image, Name: name, Digest: digest, MediaType: indexType,
			Platforms: []lockfile.Platform{{Platform: "linux/amd64", Manifest: digest, Config: digest}}}
		if withSignatures {
			one.Verified = []lockfile.Verified{{Policy: "acme", Authority: "release",
				Signer: signerSubject + " (issuer " + signerIssuer + ")", Evidence: evidence.Digest(e)}}
			files[evidence.File(evidence.Digest(e))] = e.Format()
		}
		l.Entries = append(l.Entries, one)
		app := "app-" + digest[len(digest)-8:]
		files["apps/"+app+".yaml"] = []byte(deployment(app, "main", name+"@"+digest))
	}
	l.Sort()
	files["plumb.lock"] = l.Format()
	if withSignatures {
		files["policies/acme.yaml"] = []byte(signedPolicy(signedRepo+":*", ""))
		files["policies/trusted_root.json"] = trusted
	}
	return files
}

// trees writes the repository of the bundles twice, with signatures and without.
func (b *bench) trees(
	ctx context.Context, bundles map[string]signature.Evidence, trusted []byte,
) (with, without string, err error) {
	with, without = filepath.Join(b.dir, "signed"), filepath.Join(b.dir, "unsigned")
	for dir, signatures := range map[string]bool{with: true, without: false} {
		if err := write(dir, signedTree(bundles, trusted, signatures)); err != nil {
			return "", "", err
		}
		if err := b.commit(ctx, dir); err != nil {
			return "", "", err
		}
	}
	return with, without, nil
}

// signedImages is how many signed images the registry has.
const signedImages = 50

// form is a form of signatures, and of the policies that require them.
type form struct {
	name      string
	legacy    bool
	referrers bool
	format    string // of the policy
	requests  int    // an image
}

// lockSigned measures how many requests a lock sends for a signed image, beyond those for
// an image without policies.
func (b *bench) lockSigned(
	ctx context.Context, sigstore *signaturetest.Sigstore, trusted []byte,
) error {
	for _, form := range []form{
		{"bundle", false, true, "bundle", 3},           // the referrers, one manifest, one blob
		{"bundle-fallback", false, false, "bundle", 4}, // refused, then the fallback tag instead
		{"legacy", true, true, "legacy", 2},            // one tag, one blob
		{"any", false, true, "", 4},                    // as bundle, and a .sig tag that does not exist
	} {
		r, err := registrytest.Start(registrytest.Options{Token: true, Referrers: form.referrers})
		if err != nil {
			return err
		}
		extra, err := b.extraRequests(ctx, sigstore, trusted, r, form)
		r.Close()
		if err != nil {
			return err
		}
		b.budget("lock-signed-"+form.name+"-requests", float64(extra),
			float64(form.requests*signedImages), plain)
	}
	return nil
}

// extraRequests locks the images of a registry, at first without policies, and returns
// how many requests more it takes with them.
func (b *bench) extraRequests(
	ctx context.Context, sigstore *signaturetest.Sigstore, trusted []byte,
	r *registrytest.Server, form form,
) (int, error) {
	files := map[string][]byte{"plumb.yaml": fmt.Appendf(nil, "apiVersion: plumb.dev/v1\n"+
		"kind: Config\nregistries:\n  %q: {plainHTTP: true}\n", r.Host())}
	for i := range signedImages {
		repository := fmt.Sprintf("acme/app-%d", i)
		digest := r.PushIndex(repository, "v1", i+1)
		image := r.Host() + "/" + repository
		e, err := sigstore.Sign(signaturetest.Signing{Repository: image, Digest: digest,
			Subject: signerSubject, Issuer: signerIssuer, Legacy: form.legacy})
		if err != nil {
			return 0, err
		}
		signaturestest.Attach(r, repository, digest, e)
		file := "apps/" + strings.ReplaceAll(repository, "/", "-") + ".yaml"
		files[file] = []byte(deployment("app", "main", image+":v1"))
	}
	var counts []int
	for _, policies := range []bool{false, true} {
		dir, err := os.MkdirTemp(b.dir, "lock-signed-")
		if err != nil {
			return 0, err
		}
		if policies {
			more := ""
			if form.format != "" {
				more = "      signatureFormat: " + form.format + "\n"
			}
			files["policies/acme.yaml"] = []byte(signedPolicy(r.Host()+"/**", more))
			files["policies/trusted_root.json"] = trusted
		}
		if err := write(dir, files); err != nil {
			return 0, err
		}
		r.Reset()
		locking := command{dir: dir, args: []string{b.plumb, "lock"}, before: b.forget}
		if _, err := b.measure(ctx, locking); err != nil {
			return 0, err
		}
		counts = append(counts, r.Count(""))
	}
	return counts[1] - counts[0], nil
}

// forget removes plumb's caches.
func (b *bench) forget() error { return os.RemoveAll(cacheDir(b.dir)) }
