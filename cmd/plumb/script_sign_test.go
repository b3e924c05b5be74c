package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plumb-dev/plumb/resolver/signatures/signaturestest"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

type signerKey struct{}

// scriptSigner is a script's own sigstore, its key, and what it signed.
type scriptSigner struct {
	make     sync.Once
	sigstore *signaturetest.Sigstore
	key      *ecdsa.PrivateKey
	signed   map[string][]signature.Evidence // by repository and digest
}

const signUsage = `usage:
	sign files DIR                       write key.pub and trusted_root.json
	sign key REPOSITORY DIGEST [OPTION…]
	sign keyless SUBJECT ISSUER REPOSITORY DIGEST [OPTION…]
options: legacy, nolog, attestation=TYPE, reference=REPOSITORY`

// cmdSign signs what the script's registry holds.
func cmdSign(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(signerKey{}).(*scriptSigner)
	s.make.Do(func() { ts.Check(s.begin()) })
	if neg || len(args) < 2 {
		ts.Fatalf(signUsage)
	}
	switch verb, args := args[0], args[1:]; {
	case verb == "files" && len(args) == 1:
		s.files(ts, ts.MkAbs(args[0]))
	case verb == "key" && len(args) >= 2:
		s.sign(ts, signaturetest.Signing{Key: s.key}, args)
	case verb == "keyless" && len(args) >= 4:
		s.sign(ts, signaturetest.Signing{Subject: args[0], Issuer: args[1]}, args[2:])
	default:
		ts.Fatalf(signUsage)
	}
}

func (s *scriptSigner) begin() (err error) {
	s.signed = map[string][]signature.Evidence{}
	if s.sigstore, err = signaturetest.New(); err != nil {
		return err
	}
	s.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return err
}

// files writes what a policy needs.
func (s *scriptSigner) files(ts *testscript.TestScript, dir string) {
	key, err := signaturetest.PublicPEM(s.key.Public())
	ts.Check(err)
	root, err := s.sigstore.TrustedRoot()
	ts.Check(err)
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, "key.pub"), key, 0o644))
	ts.Check(os.WriteFile(filepath.Join(dir, "trusted_root.json"), root, 0o644))
}

func (s *scriptSigner) sign(ts *testscript.TestScript, what signaturetest.Signing, args []string) {
	registry := ts.Value(registryKey{}).(*scriptRegistry).Server
	repo, digest := args[0], args[1]
	// Scripts give the registry names of their own, which its paths do not have.
	what.Repository, what.Digest = ts.Getenv("REGISTRY")+"/"+repo, digest
	for _, option := range args[2:] {
		switch name, value, _ := strings.Cut(option, "="); name {
		case "legacy":
			what.Legacy = true
		case "nolog":
			what.Log = signaturetest.NoLog
		case "attestation":
			what.PredicateType, what.Predicate = value, json.RawMessage(`{"passed": true}`)
		case "reference":
			what.Reference = value
		default:
			ts.Fatalf(signUsage)
		}
	}
	evidence, err := s.sigstore.Sign(what)
	ts.Check(err)
	key := repo + "@" + digest
	s.signed[key] = append(s.signed[key], evidence)
	signaturestest.Attach(registry, repo, digest, s.signed[key]...)
}
