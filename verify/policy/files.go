package policy

import (
	"slices"
)

// ByConfig reports whether a policy of the set is evaluated on images' configurations.
func (s *Set) ByConfig() bool {
	return slices.ContainsFunc(s.policies,
		func(p *clusterImagePolicy) bool { return p.rule != nil && p.rule.config })
}

// ByObject reports whether what the set decides can depend on the object that an
// image is in.
func (s *Set) ByObject() bool {
	return slices.ContainsFunc(s.policies, func(p *clusterImagePolicy) bool {
		return len(p.match) > 0 || p.rule.byObject() ||
			slices.ContainsFunc(p.authorities, func(a *authority) bool {
				return slices.ContainsFunc(a.attestations,
					func(t attestation) bool { return t.rule.byObject() })
			})
	})
}

// byObject reports whether the rule, which may be nil, is given the object.
func (r *rule) byObject() bool { return r != nil && (r.spec || r.objectMeta || r.typeMeta) }
