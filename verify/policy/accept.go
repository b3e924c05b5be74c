package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/plumb-dev/plumb/verify/signature"
)

// authority judges one authority: passed, or why not.
func (j *judgement) authority(a *authority) (Authority, match) {
	said := Authority{Name: a.name, Wants: a.wants()}
	switch {
	case a.static != nil && a.static.fail:
		said.Reasons = addReason(nil, strings.TrimSuffix("the policy forbids the image: "+
			a.static.message, ": "))
		return said, match{}
	case a.static != nil:
		said.Passed = true
		return said, match{Static: true}
	case len(a.attestations) > 0:
		return j.attestations(a, said)
	}
	var m match
	verified, reasons := j.verify(a,
		func(r signature.Requirement) signature.Requirement { return r })
	for _, v := range verified {
		m.Signatures = append(m.Signatures, newSignatureInput(v))
		said.Proofs = append(said.Proofs, newProof(v))
	}
	if said.Passed = len(verified) > 0; !said.Passed {
		said.Reasons = reasons
	}
	return said, m
}

// attestations judges an authority that wants attestations: all of them, each with a
// statement for which its rule holds.
func (j *judgement) attestations(a *authority, said Authority) (Authority, match) {
	m := match{Attestations: map[string][]attestationInput{}}
	said.Passed = true
	for _, want := range a.attestations {
		verified, reasons := j.verify(a, func(r signature.Requirement) signature.Requirement {
			r.Kind, r.PredicateType = signature.Attestation, want.uri
			return r
		})
		for _, v := range verified {
			if err := j.statement(want.rule, v.Payload); err != nil {
				reasons = addReason(reasons, fmt.Sprintf("of %s: %v", v.Signer, err))
				continue
			}
			m.Attestations[want.name] = append(m.Attestations[want.name],
				newAttestationInput(v, want))
			proof := newProof(v)
			proof.Attestation, proof.PredicateType = want.name, want.uri
			said.Proofs = append(said.Proofs, proof)
		}
		if len(m.Attestations[want.name]) == 0 {
			said.Passed = false
			said.Reasons = append(said.Reasons, fmt.Sprintf("attestation %s (%s): %s", want.name,
				want.uri, strings.Join(reasons, ", ")))
		}
	}
	return said, m
}

// statement evaluates an attestation's rule.
func (j *judgement) statement(r *rule, payload []byte) error {
	if r == nil {
		return nil
	}
	input, err := statementInput(payload)
	if err != nil {
		return fmt.Errorf("its statement: %w", err)
	}
	if err := r.program.Eval(input); err != nil {
		return fmt.Errorf("its policy does not hold: %w", err)
	}
	return nil
}

// verified is what one piece of evidence proves.
type verified struct {
	signature.Verified
	evidence signature.Evidence
	digest   string // of its stored form
}

// verify returns the evidence that meets one of the authority's requirements as
// change makes them, or why there is none.
func (j *judgement) verify(a *authority, change func(signature.Requirement) signature.Requirement) (
	all []verified, reasons []string) {
	subject := signature.Subject{Repository: j.image.Name.Repo(), Digest: j.image.Name.Digest,
		Index: j.image.Index}
	seen := map[string]bool{}
	for i, e := range j.evidence {
		if a.format == Bundle && e.Legacy != nil || a.format == Legacy && e.Legacy == nil {
			reasons = addReason(reasons, fmt.Sprintf("it is not of the format %s", a.format))
			continue
		}
		v, err := verifyAny(subject, e, a.requirements, change)
		if err != nil {
			reasons = addReason(reasons, err.Error())
			continue
		}
		if !seen[v.ID] { // who stores one signature twice has not signed twice
			seen[v.ID] = true
			all = append(all, verified{v, e, j.digest(i)})
		}
	}
	if len(all) == 0 && len(reasons) == 0 {
		reasons = []string{"no signature or attestation was found"}
	}
	return all, reasons
}

// verifyAny verifies evidence by the first of requirements that it meets.
func verifyAny(subject signature.Subject, e signature.Evidence,
	requirements []signature.Requirement,
	change func(signature.Requirement) signature.Requirement) (signature.Verified, error) {
	failure := errors.New("the policy names no signer") // no Set has such an authority
	for i, r := range requirements {
		v, err := signature.Verify(subject, e, change(r))
		switch {
		case err == nil:
			return v, nil
		case i == 0:
			failure = err
		case err.Error() != failure.Error():
			failure = fmt.Errorf("%w; nor by a timestamp alone: %w", failure, err)
		}
	}
	return signature.Verified{}, failure
}

// maxReasons is how many different reasons an authority gives.
const maxReasons = 10

// maxReason is how many characters a reason has at most: it may quote what others wrote.
const maxReason = 2000

// oneLine is text without line breaks and control characters, and bounded.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	if runes := []rune(text); len(runes) > maxReason {
		text = string(runes[:maxReason]) + "…"
	}
	return text
}

// addReason adds a reason that has not been given.
func addReason(reasons []string, reason string) []string {
	reason = oneLine(reason)
	for _, r := range reasons {
		if r == reason {
			return reasons
		}
	}
	if len(reasons) >= maxReasons {
		return reasons
	}
	return append(reasons, reason)
}
