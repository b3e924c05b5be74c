package signature

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/sigstore/sigstore-go/pkg/verify"
)

// Verify checks that e is evidence about s that meets r, and returns what it proves.
// It fails if anything that r demands is missing or wrong, or cannot be told.
//
// The digest that was signed is s's, or that of the index in s which lists s. A
// certificate must have been valid, up to an authority of r.Trust, at every time
// that a log or timestamp authority proves, and there must be one. Verify does
// not panic, whatever e holds.
func Verify(s Subject, e Evidence, r Requirement) (v Verified, err error) {
	defer func() {
		// What is verified comes from a registry, and it passes parsers that others wrote.
		if p := recover(); p != nil {
			v, err = Verified{}, fmt.Errorf("evidence: parser panicked: %v", p)
		}
	}()
	if err := r.check(); err != nil {
		return Verified{}, err
	}
	if err := e.check(); err != nil {
		return Verified{}, err
	}
	c, err := read(e, r)
	if err != nil {
		return Verified{}, err
	}
	if err := c.meets(r); err != nil {
		return Verified{}, err
	}
	signed, err := s.signed(c.about)
	if err != nil {
		return Verified{}, err
	}
	if c.simple && !r.AnyRepositoryUnsafe {
		if err := c.names(s, signed); err != nil {
			return Verified{}, err
		}
	}
	if v, err = signer(s, c, signed, r); err != nil {
		return Verified{}, err
	}
	v.ID = c.entity.id()
	v.Kind, v.Digest, v.PredicateType, v.Payload = r.Kind, signed.String(), c.predicateType,
		c.payload
	return v, nil
}

func read(e Evidence, r Requirement) (claim, error) {
	if e.Legacy != nil {
		return readLegacy(e.Legacy, !r.NoLogUnsafe)
	}
	return readBundle(e.Bundle)
}

// signer checks that one of those who may have signed a claim has, and when.
func signer(s Subject, c claim, signed digest, r Requirement) (Verified, error) {
	trusted := newMaterial(r.Trust)
	trusted.stamped = c.entity.stamped
	if len(r.Identities) > 0 {
		if c.entity.certificate == nil {
			return Verified{}, errors.New("it is signed without a certificate, so by no identity")
		}
		return check(s, c, signed, r, trusted)
	}
	if c.bundled && c.entity.certificate != nil {
		return Verified{}, errors.New("it is signed with a certificate, not by a bare key")
	}
	c.entity.byKey = true
	var failures []error
	for _, key := range r.Keys {
		var err error
		if trusted.key, err = key.verifier(); err != nil {
			return Verified{}, err
		}
		v, err := check(s, c, signed, r, trusted)
		if err == nil {
			v.Signer = Signer{Key: key.fingerprint}
			return v, nil
		}
		failures = append(failures, fmt.Errorf("key %s: %w", key.fingerprint, err))
	}
	return Verified{}, errors.Join(failures...)
}

// check has the verifier do the cryptography.
func check(s Subject, c claim, signed digest, r Requirement, trusted material) (Verified, error) {
	verifier, err := verify.NewVerifier(trusted, demands(c.entity, r)...)
	if err != nil {
		return Verified{}, err
	}
	result, err := verifier.Verify(c.entity, verify.NewPolicy(artifact(s, c, signed),
		identities(r)...))
	if err != nil {
		return Verified{}, inWords(err, c.entity, r)
	}
	var v Verified
	stamped := false
	for _, t := range result.VerifiedTimestamps {
		logged := t.Type == "Tlog"
		stamped = stamped || !logged
		v.Times = append(v.Times, Time{Time: t.Timestamp.UTC(), Log: logged, URI: t.URI})
	}
	if r.Timestamp && !stamped {
		return Verified{}, errors.New("no trusted timestamp authority has stamped it")
	}
	slices.SortStableFunc(v.Times, func(a, b Time) int { return a.Time.Compare(b.Time) })
	if summary := result.Signature.Certificate; summary != nil {
		v.Signer = Signer{Subject: summary.SubjectAlternativeName, Issuer: summary.Issuer}
		v.Extensions = summary.Extensions
		v.Extensions.Issuer = "" // which is the signer's
	}
	if !r.NoLogUnsafe {
		v.Log = logged(c.entity, trusted)
	}
	return v, nil
}

// demands are the verifier's options.
func demands(e *entity, r Requirement) []verify.VerifierOption {
	options := []verify.VerifierOption{verify.WithoutStatementPredicate()}
	if !r.NoLogUnsafe {
		options = append(options, verify.WithTransparencyLog(1))
	}
	if len(r.Identities) > 0 && !r.NoSCTUnsafe {
		options = append(options, verify.WithSignedCertificateTimestamps(1))
	}
	if len(r.Identities) > 0 || r.Timestamp || !r.NoLogUnsafe && e.HasInclusionPromise() {
		return append(options, verify.WithObserverTimestamps(1))
	}
	return append(options, verify.WithNoObserverTimestamps()) // a key needs no time
}

// artifact tells the verifier what was signed: the digest, or the bytes
// themselves where they are at hand, as a pure Ed25519 signature needs them.
func artifact(s Subject, c claim, signed digest) verify.ArtifactPolicyOption {
	switch {
	case c.simple:
		return verify.WithArtifact(bytes.NewReader(c.payload))
	case c.payload == nil && s.Content != nil && signed.hashes(s.Content):
		return verify.WithArtifact(bytes.NewReader(s.Content))
	}
	return verify.WithArtifactDigest(signed.algorithm, signed.sum)
}

func identities(r Requirement) []verify.PolicyOption {
	if len(r.Identities) == 0 {
		return []verify.PolicyOption{verify.WithKey()}
	}
	var options []verify.PolicyOption
	for _, id := range r.Identities {
		options = append(options, verify.WithCertificateIdentity(id.matcher))
	}
	return options
}

// logged returns the entries that were verified. Of one entry the verifier has
// said so; of several it has said it of at least one, and they are asked for one by one.
func logged(e *entity, trusted material) []LogEntry {
	var out []LogEntry
	for _, entry := range e.entries {
		if len(e.entries) > 1 {
			if _, err := verify.VerifyTlogEntry(e.only(entry), trusted, 1, false); err != nil {
				continue
			}
		}
		id := hex.EncodeToString([]byte(entry.LogKeyID()))
		l := LogEntry{LogID: id, Index: entry.LogIndex()}
		if log := trusted.RekorLogs()[id]; log != nil {
			l.URI = log.BaseURL
		}
		out = append(out, l)
	}
	return out
}
