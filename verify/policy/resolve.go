package policy

import (
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
)

// material is trusted material whose parts come from several roots.
type material struct {
	root.BaseTrustedMaterial
	authorities []root.CertificateAuthority
	stampers    []root.TimestampingAuthority
	logs        map[string]*root.TransparencyLog
	ctLogs      map[string]*root.TransparencyLog
}

// FulcioCertificateAuthorities implements root.TrustedMaterial.
func (m *material) FulcioCertificateAuthorities() []root.CertificateAuthority {
	return m.authorities
}

// TimestampingAuthorities implements root.TrustedMaterial.
func (m *material) TimestampingAuthorities() []root.TimestampingAuthority { return m.stampers }

// RekorLogs implements root.TrustedMaterial.
func (m *material) RekorLogs() map[string]*root.TransparencyLog { return m.logs }

// CTLogs implements root.TrustedMaterial.
func (m *material) CTLogs() map[string]*root.TransparencyLog { return m.ctLogs }

// resolve turns what the authorities of p say into requirements, now that all
// trust roots are known.
func (s *parser) resolve(p *clusterImagePolicy) {
	for _, a := range p.authorities {
		switch {
		case a.key != nil:
			a.requirements = s.byKey(a)
		case a.keyless != nil && len(a.keyless.identities) > 0:
			a.requirements = s.byIdentity(a)
		}
		for i := range a.requirements {
			a.requirements[i].AnyRepositoryUnsafe = p.anyRepository
		}
	}
}

func (s *parser) byKey(a *authority) []signature.Requirement {
	var m material
	s.addLogs(&m, a.log)
	s.addStampers(&m, a.timestamp)
	return []signature.Requirement{{Kind: signature.Signature, Keys: []signature.Key{*a.key},
		Trust:     &m,
		Timestamp: a.timestamp != nil, NoLogUnsafe: a.log == nil}}
}

// byIdentity returns the requirements of a keyless authority, of which one must be
// met. A certificate needs a time of signing: by the log or timestamp that the
// authority names; by a public log if it names none; and where it names a TrustRoot
// and neither, by any log or timestamp authority of that root. An entry in Rekor v2
// names no time. Where a log is demanded and no timestamp, the authorities of the same
// roots may prove the time besides, as cosign has it; the entry is needed all the same.
func (s *parser) byIdentity(a *authority) []signature.Requirement {
	var m material
	s.addIssuers(&m, a.keyless)
	r := signature.Requirement{Kind: signature.Signature, Identities: a.keyless.identities,
		Trust:       &m,
		NoSCTUnsafe: a.keyless.noSCT}
	switch {
	case a.log != nil || a.timestamp != nil:
		s.addLogs(&m, a.log)
		s.addStampers(&m, a.timestamp)
		if a.timestamp == nil {
			m.stampers = s.stampersOf(a.log.root, a.keyless.root)
		}
		r.Timestamp, r.NoLogUnsafe = a.timestamp != nil, a.log == nil
		return []signature.Requirement{r}
	case a.keyless.root == nil:
		s.addLogs(&m, &logDemand{at: a.keyless.at})
		m.stampers = s.stampersOf(nil)
		return []signature.Requirement{r}
	}
	own := s.trusted(a.keyless.root, a.keyless.at)
	if own == nil {
		return nil
	}
	m.logs, m.stampers = own.RekorLogs(), own.TimestampingAuthorities()
	stamped := r
	stamped.Timestamp, stamped.NoLogUnsafe = true, true
	switch {
	case len(m.logs) > 0 && len(m.stampers) > 0:
		return []signature.Requirement{r, stamped}
	case len(m.logs) > 0:
		return []signature.Requirement{r}
	case len(m.stampers) > 0:
		return []signature.Requirement{stamped}
	}
	s.errs = append(s.errs, a.keyless.root.at.Errorf(
		"TrustRoot %q has neither tLogs nor timestampAuthorities, and nothing else tells when a "+
			"certificate signed: add ctlog or rfc3161timestamp",
		a.keyless.root.name))
	return nil
}

// addIssuers adds who may issue certificates, and the logs that must have seen them.
func (s *parser) addIssuers(m *material, k *keyless) {
	if k.authority != nil {
		m.authorities = k.authority.FulcioCertificateAuthorities()
	}
	if k.authority != nil && k.noSCT {
		return
	}
	from := s.trusted(k.root, k.at)
	if from == nil {
		return
	}
	if k.authority == nil {
		m.authorities = from.FulcioCertificateAuthorities()
	}
	m.ctLogs = from.CTLogs()
	name := "the trusted root"
	if k.root != nil {
		name = fmt.Sprintf("TrustRoot %q", k.root.name)
	}
	if len(m.authorities) == 0 {
		s.fault(k.at.Errorf(
			"%s has no certificateAuthorities, so that no certificate can be verified", name))
	}
	if len(m.ctLogs) == 0 && !k.noSCT {
		s.fault(k.at.Errorf("%s has no ctLogs, which certificates must have been shown to: add "+
			"them, or set insecureIgnoreSCT", name))
	}
}

func (s *parser) addLogs(m *material, l *logDemand) {
	if l == nil {
		return
	}
	if from := s.trusted(l.root, l.at); from != nil {
		m.logs = from.RekorLogs()
		if len(m.logs) == 0 {
			s.fault(l.at.Errorf("the trust root has no tLogs, and an entry in one is demanded"))
		}
	}
}

func (s *parser) addStampers(m *material, ref *trustRef) {
	if ref == nil {
		return
	}
	if from := s.trusted(ref, ref.at); from != nil {
		m.stampers = from.TimestampingAuthorities()
		if len(m.stampers) == 0 {
			s.fault(ref.at.Errorf(
				"TrustRoot %q has no timestampAuthorities, and a timestamp of one is demanded",
				ref.name))
		}
	}
}

// stampersOf returns the timestamp authorities of the roots that a policy names for a log
// and for certificates, each once. What a root lacks is for others to report.
func (s *parser) stampersOf(refs ...*trustRef) (out []root.TimestampingAuthority) {
	seen := map[*trust]bool{}
	for _, ref := range refs {
		from := s.public
		if ref != nil {
			from = s.roots[ref.name]
		}
		if from != nil && from.material != nil && !seen[from] {
			seen[from] = true
			out = append(out, from.material.TimestampingAuthorities()...)
		}
	}
	return out
}

// trusted returns the trust root that is named, or the public good instance's if
// ref is nil. It is nil, which is noted, if there is none.
func (s *parser) trusted(ref *trustRef, at yaml.Place) root.TrustedMaterial {
	if ref == nil {
		s.wantsPublic = true
		if s.wantsOnly {
			return nil
		}
		if s.public == nil {
			s.fault(at.Errorf("the trusted root of the public sigstore instance is needed and is " +
				"not among the policy files: plumb policy trust writes it"))
			return nil
		}
		return s.public.material
	}
	found, ok := s.roots[ref.name]
	if !ok {
		s.fault(ref.at.Errorf("there is no TrustRoot named %q among the policy files", ref.name))
		return nil
	}
	return found.material
}

// fault notes an error, once where several needs find the same.
func (s *parser) fault(e *yaml.Error) {
	for _, other := range s.errs {
		if *other == *e {
			return
		}
	}
	s.errs = append(s.errs, e)
}
