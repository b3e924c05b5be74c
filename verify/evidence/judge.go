package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
)

// Dir is where a lock root keeps its evidence.
const Dir = ".plumb/evidence"

// File is the path, in its lock root, of the evidence with a digest.
func File(digest string) string {
	return Dir + "/" + strings.Replace(digest, ":", "-", 1) + ".json"
}

// IsFile reports whether path is one that File returns.
func IsFile(path string) bool {
	name, ok := strings.CutPrefix(path, Dir+"/sha256-")
	name, suffix := strings.CutSuffix(name, ".json")
	return ok && suffix && lockfile.ValidDigest("sha256:"+name)
}

// Digest is the digest of evidence as it is stored.
func Digest(e signature.Evidence) string {
	sum := sha256.Sum256(e.Format())
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
}

// Verdict is what is decided on one entry of a lock. The zero Verdict denies.
type Verdict struct {
	policy.Decision
	Accepted bool
	// Verified are the lines that the lock may have of the entry.
	Verified []lockfile.Verified
	// Faults say what is wrong with the evidence that the entry names: it is
	// missing, or is not what its name says.
	Faults []string
	// Unproven are the lines of the entry that its evidence does not prove, in
	// words. By other policies than those of the tree nothing follows from that.
	Unproven []string
}

// Reasons say why the entry is not accepted, a line each.
func (v Verdict) Reasons() []string {
	switch {
	case v.Accepted:
		return nil
	case v.Verdict == policy.Unmatched:
		return []string{"no policy matches it"}
	}
	return v.Decision.Faults()
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

// Entry judges an image by the evidence that its entry names.
func (j *Judge) Entry(e lockfile.Entry) Verdict {
	evidence, faults := j.stored(e)
	v := j.With(e, evidence)
	v.Faults, v.Unproven = faults, unproven(e.Verified, v.Verified)
	return v
}

// With judges an image by evidence that need not be stored.
func (j *Judge) With(e lockfile.Entry, evidence []signature.Evidence) Verdict {
	var v Verdict
	image, err := Image(e)
	if err != nil {
		v.Decision.Reason = err.Error()
		return v
	}
	if j.Policies == nil {
		v.Decision = policy.Decision{Image: image.Name.String(), Verdict: policy.Unmatched}
	} else {
		v.Decision = j.Policies.Judge(image, evidence)
	}
	v.Accepted = v.Verdict == policy.Allowed || v.Verdict == policy.Unmatched && j.AcceptUnmatched
	v.Verified = lines(v.Decision)
	return v
}

// stored reads the evidence that an entry names, each once.
func (j *Judge) stored(e lockfile.Entry) (evidence []signature.Evidence, faults []string) {
	var seen []string
	for _, line := range e.Verified {
		if slices.Contains(seen, line.Evidence) {
			continue
		}
		seen = append(seen, line.Evidence)
		found, err := j.read(line.Evidence)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s %v", File(line.Evidence), err))
			continue
		}
		evidence = append(evidence, found)
	}
	return evidence, faults
}

func (j *Judge) read(digest string) (signature.Evidence, error) {
	if j.Read == nil {
		return signature.Evidence{}, errors.New("is missing")
	}
	data, err := j.Read(File(digest))
	if err != nil {
		return signature.Evidence{}, fmt.Errorf("is missing: %w", err)
	}
	if sum := sha256.Sum256(data); "sha256:"+hex.EncodeToString(sum[:]) != digest {
		return signature.Evidence{}, errors.New("is altered: it is not what its name says")
	}
	e, err := signature.ParseEvidence(data)
	if err != nil {
		return signature.Evidence{}, fmt.Errorf("cannot be used: %w", err)
	}
	return e, nil
}

// unproven says which lines of a lock nothing proves.
func unproven(lines, proven []lockfile.Verified) []string {
	var out []string
	for _, line := range lines {
		if !slices.Contains(proven, line) {
			out = append(out, fmt.Sprintf("plumb.lock says that %s vouches for it (policy %s, authority %s), and its evidence does not prove that",
				line.Signer, line.Policy, line.Authority))
		}
	}
	return out
}

// lines are what a lock says of a decision: who satisfied which authority, sorted
// and each once.
func lines(d policy.Decision) []lockfile.Verified {
	var out []lockfile.Verified
	for _, p := range d.Policies {
		if !p.Matched || !p.Passed {
			continue
		}
		for _, a := range p.Authorities {
			for _, proof := range a.Proofs {
				if a.Passed {
					out = append(out, lockfile.Verified{Policy: p.Name, Authority: a.Name, Signer: proof.Signer, Evidence: proof.Evidence})
				}
			}
		}
	}
	slices.SortFunc(out, lockfile.Verified.Compare)
	return slices.Compact(out)
}
