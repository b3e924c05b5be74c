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
		return len(p.match) > 0 || p.byContent()
	})
}

// ByContent reports whether what the set decides can depend on the whole object that an
// image is in, not only on its kind and labels.
func (s *Set) ByContent() bool {
	return slices.ContainsFunc(s.policies, (*clusterImagePolicy).byContent)
}

// NeedsObject reports whether a policy of the set cannot pass for an image whose object is
// not known.
func (s *Set) NeedsObject(name string) bool {
	return slices.ContainsFunc(s.policies, func(p *clusterImagePolicy) bool {
		return p.name == name && p.byContent()
	})
}

func (p *clusterImagePolicy) byContent() bool { return p.rule.byObject() }

// byObject reports whether the rule, which may be nil, is given the object.
func (r *rule) byObject() bool { return r != nil && (r.spec || r.objectMeta || r.typeMeta) }
