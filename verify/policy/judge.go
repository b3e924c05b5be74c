package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify/signature"
)

// MaxEvidence is how many pieces of evidence are judged for one image.
const MaxEvidence = 256

// Image is what is judged.
type Image struct {
	// Name is the image's canonical name with the digest that it is pinned to, and with
	// its tag if it has one.
	Name oci.Name
	// TagResolved says that Name's tag meant the digest when the lock was made, as far as one
	// may believe the lock. Otherwise the tag is what somebody wrote beside the digest, where
	// it decides nothing: a policy that matches by the tag alone must pass then, but that it
	// does is no reason to allow the image.
	TagResolved bool
	// Index holds, where the digest is that of one platform, the raw index that lists it,
	// whose signature counts for it then. It is not believed, but checked.
	Index []byte
	// Object is the object that the image is in; nil if it is in none or that is not
	// known. A policy that is only for certain objects must pass then, but is a reason to
	// allow the image only if a signature satisfies it.
	Object *Object
	// Configs are the image's configurations by platform ("linux/arm/v7"), for policies that set
	// fetchConfigFile. They must have been checked against their digests.
	Configs map[string]json.RawMessage
}

// Judge decides on an image by the evidence about it. All policies that match must pass,
// of each at least one authority, and then the policy's own rule. Nothing in
// evidence is believed, and what does not help is passed over.
func (s *Set) Judge(image Image, evidence []signature.Evidence) Decision {
	d := Decision{Image: image.Name.String(), Policies: []Policy{}}
	switch {
	case image.Name.Digest == "":
		d.Reason = "it is not pinned: only content can be signed"
		return d
	case len(evidence) > MaxEvidence:
		d.Reason = fmt.Sprintf("there are %d pieces of evidence, more than the %d that are judged",
			len(evidence), MaxEvidence)
		return d
	}
	j := judgement{set: s, image: image, evidence: evidence, digests: make([]string, len(evidence))}
	names := spellings(image.Name)
	allowed, denied := false, false
	for _, p := range s.policies {
		result, sure := j.policy(p, names)
		allowed = allowed || sure
		denied = denied || result.Matched && !result.Passed && !result.Warn
		d.Policies = append(d.Policies, result)
	}
	switch {
	case denied:
	case allowed:
		d.Verdict = Allowed
	default:
		d.Verdict = Unmatched
	}
	return d
}

// Matches returns the names of the policies that match an image, whatever its
// signatures.
func (s *Set) Matches(image Image) []string {
	var names []string
	spelled := spellings(image.Name)
	for _, p := range s.policies {
		if p.matches(spelled, image).matches {
			names = append(names, p.name)
		}
	}
	return names
}

// Sources returns where signatures of an image may be by the policies that match
// it, each once, and whether one of them needs the image's configurations.
func (s *Set) Sources(image Image) (sources []Source, configs bool) {
	spelled := spellings(image.Name)
	seen := map[Source]bool{}
	for _, p := range s.policies {
		if !p.matches(spelled, image).matches {
			continue
		}
		configs = configs || p.rule != nil && p.rule.config
		for _, a := range p.authorities {
			if a.static != nil {
				continue
			}
			source := Source{Format: a.format, Attestations: len(a.attestations) > 0}
			if a.source != nil {
				source.Repository, source.TagPrefix = a.source.Repository, a.source.TagPrefix
			}
			if !seen[source] {
				seen[source] = true
				sources = append(sources, source)
			}
		}
	}
	return sources, configs
}

// fit is whether a policy is for an image.
type fit struct {
	why     string // it is, or is not
	matches bool
	byTag   bool    // by a tag that need not be the image's
	byGuess bool    // it is for certain objects, and the image's is not known
	in      *Object // what it is for: the image's object, or one that is made of it
}

// matches finds whether p is for an image with these names.
func (p *clusterImagePolicy) matches(names spelled, image Image) fit {
	g, name, byTag, ok := matching(p.images, names)
	if !ok {
		globs := make([]string, len(p.images))
		for i, g := range p.images {
			globs[i] = fmt.Sprintf("%q", g.written)
		}
		return fit{why: fmt.Sprintf("none of its globs (%s) matches %s", strings.Join(globs, ", "),
			names.first())}
	}
	f := fit{why: fmt.Sprintf("its glob %q matches %s", g.written, name), matches: true,
		byTag: byTag && !image.TagResolved, in: image.Object}
	if f.byTag {
		f.why += ", but only by the tag, which says nothing about the digest"
	}
	switch {
	case len(p.match) == 0:
		return f
	case image.Object == nil:
		f.why += ", and it is for certain objects, of which this may be one"
		f.byGuess = true
		return f
	}
	for i, o := range append([]*Object{image.Object}, image.Object.made()...) {
		for _, m := range p.match {
			if !m.matches(o) {
				continue
			}
			if f.why += ", and it is for " + m.String(); i > 0 {
				f.why += ", as which the " + image.Object.Kind + " runs it"
			}
			f.in = o
			return f
		}
	}
	return fit{why: unmatched(p.match, image.Object)}
}

// proven reports whether a policy passes because of a signature.
func (p Policy) proven() bool {
	return p.Passed && slices.ContainsFunc(p.Authorities,
		func(a Authority) bool { return a.Passed && len(a.Proofs) > 0 })
}

// listed is what is known of a policy without an image.
func (p *clusterImagePolicy) listed() Policy {
	return Policy{Name: p.name, File: p.at.File, Line: p.at.Line, Column: p.at.Column, Warn: p.warn}
}

// judgement is one image's.
type judgement struct {
	set      *Set
	image    Image
	evidence []signature.Evidence
	digests  []string // of evidence, once needed
}

// policy judges by one policy. sure says that it is a reason to allow the image, unless it
// denies it.
func (j *judgement) policy(p *clusterImagePolicy, names spelled) (result Policy, sure bool) {
	f := p.matches(names, j.image)
	result = p.listed()
	result.Why, result.Matched, result.ByTag = f.why, f.matches, f.byTag
	if f.matches {
		in := *j
		in.image.Object = f.in
		in.satisfy(p, &result)
	}
	return result, f.matches && !f.byTag && (!f.byGuess || result.proven())
}

// satisfy finds whether the image satisfies a policy that matches.
func (j *judgement) satisfy(p *clusterImagePolicy, result *Policy) {
	found := wholeInput{AuthorityMatches: map[string]match{}}
	for _, a := range p.authorities {
		said, match := j.authority(a)
		result.Authorities = append(result.Authorities, said)
		if said.Passed {
			found.AuthorityMatches[a.name] = match
		}
	}
	if len(found.AuthorityMatches) == 0 {
		return
	}
	if err := j.whole(p.rule, found); err != nil {
		result.Reason = oneLine("its policy does not hold: " + err.Error())
		return
	}
	result.Passed = true
}

// whole evaluates a policy's own rule.
func (j *judgement) whole(r *rule, input wholeInput) error {
	if r == nil {
		return nil
	}
	if err := input.include(r, j.image); err != nil {
		return err
	}
	data, err := json.Marshal(input)
	if err != nil {
		return fmt.Errorf("input: %w", err)
	}
	return r.program.Eval(data)
}
