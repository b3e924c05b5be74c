package policy

import (
	"bytes"
	"slices"
)

// DefaultFiles are the globs, relative to a lock root, of the files that hold
// policies where plumb.yaml names none. Other tools keep their policies in such a
// folder too: of what these find, only what Mentions tells is meant.
func DefaultFiles() []string {
	return []string{"policies/**/*.yaml", "policies/**/*.yml", "policies/**/*.json"}
}

// Mentions reports whether a file names one of the documents that Parse takes.
func Mentions(data []byte) bool {
	return bytes.Contains(data, []byte("policy.sigstore.dev/")) || bytes.Contains(data, []byte("application/vnd.dev.sigstore.trustedroot"))
}

// ByConfig reports whether a policy of the set is evaluated on images' configurations.
func (s *Set) ByConfig() bool {
	return slices.ContainsFunc(s.policies, func(p *clusterImagePolicy) bool { return p.rule != nil && p.rule.config })
}

// ByObject reports whether what the set decides can depend on the object that an
// image is in.
func (s *Set) ByObject() bool {
	return slices.ContainsFunc(s.policies, func(p *clusterImagePolicy) bool {
		return len(p.match) > 0 || p.rule.byObject() || slices.ContainsFunc(p.authorities, func(a *authority) bool {
			return slices.ContainsFunc(a.attestations, func(t attestation) bool { return t.rule.byObject() })
		})
	})
}

// byObject reports whether the rule, which may be nil, is given the object.
func (r *rule) byObject() bool { return r != nil && (r.spec || r.objectMeta || r.typeMeta) }
