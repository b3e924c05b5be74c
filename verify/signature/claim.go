package signature

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// claim is what evidence says before anything of it is verified. What it says is
// what the signature of its entity is over.
type claim struct {
	entity        *entity
	kind          Kind
	predicateType string
	payload       []byte
	reference     string // docker-reference of a simple-signing payload
	simple        bool   // is one
	bundled       bool   // is from a bundle
	about         func(digest) bool
}

// simpleSigning is the type of a simple-signing payload of cosign's.
const simpleSigning = "cosign container image signature"

// simpleClaim reads a simple-signing payload (containers/image, "signature.5", as
// cosign writes it).
func simpleClaim(payload []byte) (claim, error) {
	var p struct {
		Critical struct {
			Identity struct {
				Reference string `json:"docker-reference"`
			} `json:"identity"`
			Image struct {
				Digest string `json:"docker-manifest-digest"`
			} `json:"image"`
			Type string `json:"type"`
		} `json:"critical"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return claim{}, fmt.Errorf("simple-signing payload: %w", err)
	}
	if p.Critical.Type != simpleSigning {
		return claim{}, fmt.Errorf("simple-signing payload: the type is %q, not %q",
			abbreviate(p.Critical.Type), simpleSigning)
	}
	of, err := parseDigest(p.Critical.Image.Digest)
	if err != nil {
		return claim{}, fmt.Errorf("simple-signing payload: docker-manifest-digest %w", err)
	}
	return claim{kind: Signature, payload: payload, simple: true,
		reference: p.Critical.Identity.Reference,
		about:     func(d digest) bool { return d.String() == of.String() }}, nil
}

// The most that a statement may be about, which are the verifier's own bounds.
const (
	maxSubjects = 1024
	maxDigests  = 32
)

// payloadInToto is the DSSE payload type of an in-toto statement.
const payloadInToto = "application/vnd.in-toto+json"

// statementTypes are the versions of in-toto statements that are read.
var statementTypes = [...]string{"https://in-toto.io/Statement/v1",
	"https://in-toto.io/Statement/v0.1"}

// statementClaim reads an in-toto statement (in-toto attestation framework,
// "Statement").
func statementClaim(payload []byte) (claim, error) {
	var s struct {
		Type          string `json:"_type"`
		PredicateType string `json:"predicateType"`
		Subject       []struct {
			Digest map[string]string `json:"digest"`
		} `json:"subject"`
	}
	if err := json.Unmarshal(payload, &s); err != nil {
		return claim{}, fmt.Errorf("in-toto statement: %w", err)
	}
	if s.Type != statementTypes[0] && s.Type != statementTypes[1] {
		return claim{}, fmt.Errorf("in-toto statement: the type is %q, not %q", abbreviate(s.Type),
			statementTypes[0])
	}
	if len(s.Subject) > maxSubjects {
		return claim{}, fmt.Errorf("in-toto statement: %d subjects, more than the %d that are read",
			len(s.Subject), maxSubjects)
	}
	for _, subject := range s.Subject {
		if n := len(subject.Digest); n > maxDigests {
			return claim{},
				fmt.Errorf("in-toto statement: %d digests of a subject, more than the %d that "+
					"are read", n, maxDigests)
		}
	}
	kind := Attestation
	if s.PredicateType == SignPredicate {
		kind = Signature
	}
	about := func(d digest) bool {
		want := hex.EncodeToString(d.sum)
		for _, subject := range s.Subject {
			if subject.Digest[d.algorithm] == want {
				return true
			}
		}
		return false
	}
	return claim{kind: kind, predicateType: s.PredicateType, payload: payload, about: about}, nil
}

// meets returns nil if the claim is of the kind that is asked for.
func (c claim) meets(r Requirement) error {
	switch {
	case r.Kind == Artifact:
		if c.simple {
			return errors.New("it is a signature of an image, not of the artifact itself")
		}
		return nil
	case c.kind != r.Kind:
		if c.predicateType != "" {
			return fmt.Errorf("expected %s, found attestation of type %q", r.Kind,
				abbreviate(c.predicateType))
		}
		return fmt.Errorf("expected %s, found %s", r.Kind, c.kind)
	case r.Kind == Attestation && c.predicateType != r.PredicateType:
		return fmt.Errorf("its predicate type is %q, not %q", abbreviate(c.predicateType),
			r.PredicateType)
	}
	return nil
}

// names returns nil if a simple-signing payload names the subject's repository.
// What a tag in it says is not checked: what it was called when it was signed binds
// no one. A digest in it must not be another than the one that is signed.
func (c claim) names(s Subject, signed digest) error {
	name, err := oci.Parse(c.reference)
	if err != nil {
		return fmt.Errorf("docker-reference: %w", err)
	}
	if name.Repo() != s.Repository {
		return fmt.Errorf("its docker-reference names %s, not %s", name.Repo(), s.Repository)
	}
	if name.Digest != "" && name.Digest != signed.String() {
		return fmt.Errorf("its docker-reference names the digest %s, not %s", name.Digest, signed)
	}
	return nil
}
