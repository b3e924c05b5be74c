package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// The modes in which this program verifies the bundles in a folder: as plumb does,
// on all cores, and with nothing but sigstore-go, one after the other.
const (
	signatureMode = "verify-signatures"
	sigstoreMode  = "verify-with-sigstore-go"
)

// Who signs the images that are verified, and where they are.
const (
	signerSubject = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"
	signerIssuer  = "https://token.actions.githubusercontent.com"
	signedRepo    = "registry.example/acme/app"
	trustedRoot   = "trusted_root.json"
)

// signatures measures verifying 1,000 keyless bundles, and what it takes to fetch some.
func signatures(ctx context.Context, b *bench) error {
	const count = 1000
	sigstore, err := signaturetest.New()
	if err != nil {
		return err
	}
	trusted, err := sigstore.TrustedRoot()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.dir, trustedRoot), trusted, 0o644); err != nil {
		return err
	}
	bundles := map[string]signature.Evidence{} // by the digest that they are about
	for i := range count {
		sum := fmt.Sprintf("%064x", i)
		e, err := sigstore.Sign(signaturetest.Signing{Repository: signedRepo, Digest: "sha256:" + sum,
			Subject: signerSubject, Issuer: signerIssuer})
		if err != nil {
			return err
		}
		bundles["sha256:"+sum] = e
		file := filepath.Join(b.dir, "sha256-"+sum+".json")
		if err := os.WriteFile(file, e.Format(), 0o644); err != nil {
			return err
		}
	}
	if err := b.verifyBundles(ctx, bundles, trusted); err != nil {
		return err
	}
	return b.lockSigned(ctx, sigstore, trusted)
}

// verifyBundles measures the package that verifies, and the command on a tree with an
// image for each bundle: with all to verify, and again with all verdicts cached.
func (b *bench) verifyBundles(
	ctx context.Context, bundles map[string]signature.Evidence, trusted []byte,
) error {
	signed, unsigned, err := b.trees(ctx, bundles, trusted)
	if err != nil {
		return err
	}
	all, err := b.interleave(ctx, command{dir: b.dir, args: []string{b.self, signatureMode, b.dir}},
		command{dir: b.dir, args: []string{b.self, sigstoreMode, b.dir}},
		command{dir: signed, args: []string{b.plumb, "verify", "--no-cache"}},
		command{dir: signed, args: []string{b.plumb, "verify"}},
		command{dir: unsigned, args: []string{b.plumb, "verify"}},
		command{dir: signed, args: []string{"sh", "-c", "sha256sum .plumb/evidence/* > sums && rm sums"}})
	if err != nil {
		return err
	}
	alone, anew, again, none, hashed := all[1], all[2], all[3], all[4], all[5]
	cores := float64(runtime.GOMAXPROCS(0))
	b.note("%d bundles: %v on %.0f cores; sigstore-go alone, one after the other, %v",
		len(bundles), all[0].wall(), cores, alone.wall())
	b.note("plumb verify of %d images: %v, again %v; of a tree without policies %v; "+
		"sha256sum of the evidence %v",
		len(bundles), anew.wall(), again.wall(), none.wall(), hashed.wall())
	b.budget("verify-bundles", all[0].to(alone)*cores, 1.2, ratio)
	b.budget("verify-bundles-memory", all[0].memory(), 150, megabytes)
	b.budget("verify-signed", anew.to(alone)*cores, 1.2, ratio)
	b.budget("verify-signed-memory", anew.memory(), 150, megabytes)
	// What is left is to see that the evidence is what it was.
	least := float64(none.wall() + hashed.wall())
	b.budget("verify-signed-again", float64(again.wall())/least, 1.5, ratio)
	b.budget("verify-signed-again-memory", again.memory(), 100, megabytes)
	return nil
}

// verifyCommand verifies the bundles in a folder, in one of the modes.
func verifyCommand(mode, dir string, stderr io.Writer) int {
	each, workers := verifyWithSigstore, 1
	if mode == signatureMode {
		debug.SetGCPercent(200) // as in cmd/plumb
		each, workers = verifySignature, runtime.GOMAXPROCS(0)
	}
	if err := verifyAll(dir, each, workers); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// preparation makes what verifies a bundle for a digest.
type preparation func(trusted []byte) (func(raw []byte, sum string) error, error)

func verifyAll(dir string, prepare preparation, workers int) error {
	trusted, err := os.ReadFile(filepath.Join(dir, trustedRoot))
	if err != nil {
		return err
	}
	check, err := prepare(trusted)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "sha256-*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("nothing to verify in " + dir)
	}
	var group errgroup.Group
	group.SetLimit(workers)
	for _, file := range files {
		group.Go(func() error {
			raw, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			sum := strings.TrimPrefix(filepath.Base(file), "sha256-")
			return check(raw, strings.TrimSuffix(sum, ".json"))
		})
	}
	return group.Wait()
}

// verifySignature verifies as plumb does.
func verifySignature(trusted []byte) (func(raw []byte, sum string) error, error) {
	trust, err := signature.ParseTrustedRoot(trusted)
	if err != nil {
		return nil, err
	}
	id, err := signature.NewIdentity(signerIssuer, "", signerSubject, "")
	if err != nil {
		return nil, err
	}
	demanded := signature.Requirement{Kind: signature.Signature,
		Identities: []signature.Identity{id}, Trust: trust}
	return func(raw []byte, sum string) error {
		e, err := signature.ParseEvidence(raw)
		if err != nil {
			return err
		}
		subject := signature.Subject{Repository: signedRepo, Digest: "sha256:" + sum}
		_, err = signature.Verify(subject, e, demanded)
		return err
	}, nil
}

// verifyWithSigstore demands the same of sigstore-go.
func verifyWithSigstore(trusted []byte) (func(raw []byte, sum string) error, error) {
	trust, err := root.NewTrustedRootFromJSON(trusted)
	if err != nil {
		return nil, err
	}
	verifier, err := verify.NewVerifier(trust, verify.WithTransparencyLog(1),
		verify.WithObserverTimestamps(1), verify.WithSignedCertificateTimestamps(1))
	if err != nil {
		return nil, err
	}
	id, err := verify.NewShortCertificateIdentity(signerIssuer, "", signerSubject, "")
	if err != nil {
		return nil, err
	}
	return func(raw []byte, sum string) error {
		var b bundle.Bundle
		if err := b.UnmarshalJSON(raw); err != nil {
			return err
		}
		digest, err := hex.DecodeString(sum)
		if err != nil {
			return err
		}
		_, err = verifier.Verify(&b, verify.NewPolicy(verify.WithArtifactDigest("sha256", digest),
			verify.WithCertificateIdentity(id)))
		return err
	}, nil
}
