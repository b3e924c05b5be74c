package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
)

// Dir is where a lock root keeps its evidence.
const Dir = ".plumb/evidence"

// File is the path, in its lock root, of the evidence with a digest.
func File(digest string) string {
	return Dir + "/" + strings.Replace(digest, ":", "-", 1) + ".json"
}

// DigestIn is the digest whose file is at path; ok is false if it is none that File
// returns.
func DigestIn(path string) (digest string, ok bool) {
	name, ok := strings.CutPrefix(path, Dir+"/sha256-")
	name, suffix := strings.CutSuffix(name, ".json")
	digest = "sha256:" + name
	return digest, ok && suffix && lockfile.ValidDigest(digest)
}

// Digest is the digest of evidence as it is stored.
func Digest(e signature.Evidence) string { return DigestOf(e.Format()) }

// DigestOf is the digest of a file's bytes.
func DigestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Judge decides on the images of a lock. The zero Judge denies. It may be used by
// many goroutines at once.
type Judge struct {
	// Policies are what images must satisfy; nil has none.
	Policies *policy.Set
	// Read returns the bytes of a file of the lock root. Nil has no file.
	Read func(path string) ([]byte, error)
	// AcceptUnmatched accepts images that no policy matches.
	AcceptUnmatched bool
	// ExternalPolicies says that the lock was made by other policies than these, so
	// that nothing follows from what its lines say.
	ExternalPolicies bool
	// Cache holds what JudgeCached need not verify again. Nil holds nothing.
	Cache *VerdictCache
	// Objects returns the objects that a reference is in as they are applied, nil for one
	// that is not known. Nil: none is known.
	Objects func(r *manifest.Reference) []*policy.Object
}

// Verdict is what is decided on one entry of a lock. The zero Verdict denies.
type Verdict struct {
	policy.Decision
	Accepted bool // by the policies, or because none matches and that is allowed
	// Verified are the lines that the lock may have of the entry.
	Verified []lockfile.Verified
	// Faults say what is wrong with the evidence that the entry names: it is
	// missing, or is not what its name says.
	Faults []string
	// Unproven are the lines of the entry that its evidence does not prove, in
	// words. A Judge with ExternalPolicies has none.
	Unproven []string
}

// Reasons say why the entry is not accepted, a line each.
func (v Verdict) Reasons() []string {
	switch {
	case v.Accepted:
		return nil
	case v.Verdict == policy.Unmatched:
		return []string{v.Decision.Unmatched()}
	}
	return v.Decision.Faults()
}

// Judgement is the verdict as verify.Check takes it.
func (v Verdict) Judgement() verify.Judgement {
	return verify.Judgement{Accepted: v.Accepted, Reasons: v.Reasons(), Remarks: v.Remarks(),
		Faults: slices.Concat(v.Faults, v.Unproven)}
}

// Image is an entry as policies know it. It fails if the entry's name is none.
func Image(e lockfile.Entry) (policy.Image, error) {
	name, err := oci.Parse(e.Name)
	if err != nil {
		return policy.Image{}, err
	}
	name.Digest = e.Digest
	return policy.Image{Name: name}, nil
}

// Entry judges an image by the evidence that its entry names, in whatever object it is.
func (j *Judge) Entry(e lockfile.Entry) Verdict { return j.by(e, j.stored(e)) }

// JudgeCached judges as Entry does. Where Cache has it that just this was accepted
// before, with nothing to remark, it is accepted without a signature being verified,
// and the verdict then has neither Policies nor Verified.
func (j *Judge) JudgeCached(e lockfile.Entry) Verdict {
	files := j.stored(e)
	if j.Cache == nil || j.Policies == nil || len(files.found) == 0 ||
		len(files.faults) > 0 {
		return j.by(e, files) // which without evidence takes no longer than a look into the cache
	}
	of := j.Cache.record(j, e, files)
	if j.Cache.has(of) {
		return Verdict{Decision: policy.Decision{Image: e.Name, Verdict: policy.Allowed},
			Accepted: true}
	}
	v := j.by(e, files)
	if v.Verdict == policy.Allowed && len(v.Faults)+len(v.Unproven)+len(v.Remarks()) == 0 {
		j.Cache.add(of)
	}
	return v
}

// by judges an entry by the files that it names.
func (j *Judge) by(e lockfile.Entry, files files) Verdict {
	known := files.read(e)
	v := j.with(e, known, nil)
	v.Faults = known.faults
	if !j.ExternalPolicies {
		v.Unproven = j.unproven(e.Verified, v.Verified)
	}
	return v
}

// With judges an image by evidence that need not be stored, and by the raw index that
// lists it, nil if there is none, whose signatures count for it; in all of the objects
// that it is in, of which there may be none, and nil is one that is not known. Configs
// that policies need are still those that are stored.
func (j *Judge) With(e lockfile.Entry, index []byte, evidence []signature.Evidence,
	objects []*policy.Object) Verdict {
	configs, _ := j.configs(e) // without which no policy that needs them holds
	return j.toLock(e, known{evidence: evidence, index: index, configs: configs}, objects)
}

// with judges an image in one object, nil if it is not known.
func (j *Judge) with(e lockfile.Entry, k known, in *policy.Object) Verdict {
	var v Verdict
	image, err := Image(e)
	if err != nil {
		v.Decision.Reason = err.Error()
		return v
	}
	image.Object = in
	// Whoever writes a lock may write any tag beside any digest, and is whom external
	// policies do not trust. The tree's own policies are as good as its lock.
	image.TagResolved = !j.ExternalPolicies
	image.Index, image.Configs = k.index, k.configs
	if j.Policies == nil {
		v.Decision = policy.Decision{Image: image.Name.String(), Verdict: policy.Unmatched}
	} else {
		v.Decision = j.Policies.Judge(image, k.evidence)
	}
	v.Accepted = v.Verdict == policy.Allowed || v.Verdict == policy.Unmatched && j.AcceptUnmatched
	v.Verified = lines(v.Decision, e.Digest, k.index)
	return v
}

// unproven says which lines of a lock nothing proves. What a policy says that cannot
// decide without an object is left to the judgements on objects.
func (j *Judge) unproven(lines, proven []lockfile.Verified) []string {
	var out []string
	for _, line := range lines {
		if !slices.Contains(proven, line) &&
			(j.Policies == nil || !j.Policies.NeedsObject(line.Policy)) {
			out = append(out, fmt.Sprintf("plumb.lock lists %s as verified (policy %s, authority "+
				"%s), but the evidence does not prove it",
				line.Signer, line.Policy, line.Authority))
		}
	}
	return out
}

// lines are what a lock says of a decision: who satisfied which authority, sorted
// and each once. Where it was the index that lists the image which was signed,
// there is a line more, of the same words, whose evidence is the index.
func lines(d policy.Decision, digest string, index []byte) []lockfile.Verified {
	var out []lockfile.Verified
	for _, p := range d.Policies {
		if !p.Matched || !p.Passed {
			continue
		}
		for _, a := range p.Authorities {
			if !a.Passed {
				continue
			}
			for _, proof := range a.Proofs {
				line := lockfile.Verified{Policy: p.Name, Authority: a.Name, Signer: proof.Signer,
					Evidence: proof.Evidence}
				out = append(out, line)
				if proof.Digest != digest {
					line.Evidence = DigestOf(index)
					out = append(out, line)
				}
			}
		}
	}
	slices.SortFunc(out, lockfile.Verified.Compare)
	return slices.Compact(out)
}
