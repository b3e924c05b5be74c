package policy

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Verdict is what the policies come to for an image.
type Verdict int

// The verdicts. The zero Verdict denies.
const (
	Denied Verdict = iota // a policy that matches does not pass, or nothing was judged
	// Unmatched: no policy matches for certain. What to do then is not the policies' to say.
	Unmatched
	Allowed // all policies that match and enforce pass
)

// String is the verdict in a word.
func (v Verdict) String() string {
	switch v {
	case Unmatched:
		return "unmatched"
	case Allowed:
		return "allowed"
	}
	return "denied"
}

// MarshalText writes the verdict in a word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Decision is the verdict on one image and why. The zero Decision denies.
type Decision struct {
	Image    string   `json:"image"`            // canonical name
	Verdict  Verdict  `json:"verdict"`          // whether the image may run
	Reason   string   `json:"reason,omitempty"` // why nothing could be judged
	Policies []Policy `json:"policies"`         // all of the set, by name
}

// Policy is what one policy says of an image.
type Policy struct {
	Name    string `json:"policy"`  // metadata.name
	File    string `json:"file"`    // where it is
	Line    int    `json:"line"`    // 1-based
	Column  int    `json:"column"`  // 1-based, in bytes
	Warn    bool   `json:"warn"`    // mode: warn, which only remarks
	Matched bool   `json:"matched"` // whether it is for the image
	Why     string `json:"why"`     // it matched or not
	Passed  bool   `json:"passed"`  // whether the image satisfies it
	// ByTag says that it matches only by a tag that stands beside the digest, so that
	// satisfying it is no reason to allow the image.
	ByTag bool `json:"byTag,omitempty"`
	// Reason is why it did not pass, besides what its authorities say.
	Reason string `json:"reason,omitempty"`
	// Authorities are in the order of the policy; none if it does not match.
	Authorities []Authority `json:"authorities,omitempty"`
}

// Authority is what one authority of a policy says of an image.
type Authority struct {
	Name    string   `json:"authority"`         // as the policy has it
	Wants   string   `json:"wants"`             // in words: whose signature or attestations
	Passed  bool     `json:"passed"`            // whether the image satisfies it
	Proofs  []Proof  `json:"proofs,omitempty"`  // what satisfied it
	Reasons []string `json:"reasons,omitempty"` // why it did not pass, each once
}

// Proof is a piece of evidence that an authority accepted.
type Proof struct {
	Evidence string `json:"evidence"` // digest of its stored form
	Signer   string `json:"signer"`   // who signed it, in words
	// Attestation is the policy's name for it, "" for a signature.
	Attestation   string `json:"attestation,omitempty"`
	PredicateType string `json:"predicateType,omitempty"` // "" for a signature

	// Digest is what was signed, which may be that of an index.
	Digest string `json:"digest"`
	// Times says when it was signed and what proves that, a line each.
	Times []string `json:"times,omitempty"`
	// Log names its entries in transparency logs, a line each.
	Log []string `json:"log,omitempty"`
}

// newProof puts what was verified into words.
func newProof(v verified) Proof {
	p := Proof{Evidence: v.digest, Signer: v.Signer.String(), Digest: v.Digest}
	for _, t := range v.Times {
		by := "timestamp authority"
		if t.Log {
			by = "log"
		}
		p.Times = append(p.Times, strings.TrimSpace(fmt.Sprintf("%s by the %s %s",
			t.Time.Format(time.RFC3339), by, t.URI)))
	}
	for _, l := range v.Log {
		p.Log = append(p.Log, fmt.Sprintf("entry %d of the log %s", l.Index,
			cmp.Or(l.URI, l.LogID)))
	}
	return p
}

// Remarks are what policies of mode warn would have denied for, a line each.
func (d Decision) Remarks() []string {
	var out []string
	for _, p := range d.Policies {
		if p.Matched && p.Warn && !p.Passed {
			out = append(out, fmt.Sprintf("policy %s (mode: warn) is not satisfied: %s", p.Name,
				p.fault()))
		}
	}
	return out
}

// Unmatched says why no policy allows an image that none denies.
func (d Decision) Unmatched() string {
	for _, p := range d.Policies {
		if p.ByTag {
			return fmt.Sprintf("no policy matches it by its digest: policy %s matches only the tag, "+
				"which says nothing about the digest", p.Name)
		}
	}
	return "no policy matches it"
}

// Faults are why the image is denied, a line for each policy that denies it.
func (d Decision) Faults() []string {
	if d.Verdict != Denied {
		return nil
	}
	if len(d.Policies) == 0 || d.Reason != "" {
		return []string{cmp.Or(d.Reason, "nothing was judged")}
	}
	var out []string
	for _, p := range d.Policies {
		if p.Matched && !p.Warn && !p.Passed {
			out = append(out, fmt.Sprintf("policy %s is not satisfied: %s", p.Name, p.fault()))
		}
	}
	return out
}

// fault is why a policy does not pass, on one line.
func (p Policy) fault() string {
	if p.Reason != "" {
		return p.Reason
	}
	parts := make([]string, len(p.Authorities))
	for i, a := range p.Authorities {
		parts[i] = a.Name + ": " + strings.Join(a.Reasons, ", ")
	}
	return strings.Join(parts, "; ")
}

// Lines explain the decision in words: the verdict, then each policy, its authorities
// below it, and what each of them found below that.
func (d Decision) Lines() []string {
	lines := []string{d.Image + ": " + d.Verdict.String()}
	if d.Reason != "" {
		lines = append(lines, "  "+d.Reason)
	}
	for _, p := range d.Policies {
		lines = append(lines, p.lines()...)
	}
	return lines
}

func (p Policy) lines() []string {
	head := fmt.Sprintf("  policy %s (%s:%d)", p.Name, p.File, p.Line)
	if !p.Matched {
		return []string{head + " does not apply: " + p.Why}
	}
	mode := ""
	if p.Warn {
		mode = " (mode: warn)"
	}
	lines := []string{head + " " + passes(p.Passed) + mode + ": " + p.Why}
	for _, a := range p.Authorities {
		lines = append(lines, fmt.Sprintf("    authority %s %s: it wants %s", a.Name,
			passes(a.Passed), a.Wants))
		for _, proof := range a.Proofs {
			lines = append(lines, "      "+proof.String())
		}
		for _, reason := range a.Reasons {
			lines = append(lines, "      "+reason)
		}
	}
	if p.Reason != "" {
		lines = append(lines, "    "+p.Reason)
	}
	return lines
}

// String says who signed what.
func (p Proof) String() string {
	if p.Attestation == "" {
		return fmt.Sprintf("signed by %s (evidence %s)", p.Signer, p.Evidence)
	}
	return fmt.Sprintf("%s: %s attested by %s (evidence %s)", p.Attestation, p.PredicateType,
		p.Signer, p.Evidence)
}

func passes(ok bool) string {
	if ok {
		return "passes"
	}
	return "does not pass"
}
