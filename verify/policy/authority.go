package policy

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// authority reads one item of spec.authorities into p.
func (s *parser) authority(r *reader, p *clusterImagePolicy, n *yaml.Node, path string) {
	a := &authority{at: r.at(n), name: fmt.Sprintf("authority-%d", len(p.authorities))}
	p.authorities = append(p.authorities, a)
	var format string
	has := r.mapping(n, path,
		field{"name", r.into(&a.name)},
		field{"key", func(n *yaml.Node, path string) { a.key = s.key(r, n, path) }},
		field{"keyless", func(n *yaml.Node, path string) { a.keyless = s.keyless(r, n, path) }},
		field{"static", func(n *yaml.Node, path string) { a.static = r.static(n, path) }},
		field{"source", func(n *yaml.Node, path string) { a.source = r.sources(n, path) }},
		field{"ctlog", func(n *yaml.Node, path string) { a.log = r.ctlog(n, path) }},
		field{"rfc3161timestamp", func(n *yaml.Node, path string) { a.timestamp = r.timestamp(n, path) }},
		field{"attestations", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) { s.attestation(r, a, n, path) })
		}},
		field{"signatureFormat", r.oneOf(&format, string(Legacy), string(Bundle))},
	)
	a.format = Format(format)
	if has == nil {
		return
	}
	var kinds []string
	for _, kind := range []string{"key", "keyless", "static"} {
		if has[kind] != nil {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case len(kinds) == 0:
		r.errorf(n, "%s has none of key, keyless, static: it must have one", path)
	case len(kinds) > 1:
		r.errorf(n, "%s has %s: it must have one of them", path, strings.Join(kinds, " and "))
	}
	for _, name := range []string{"source", "ctlog", "rfc3161timestamp", "attestations", "signatureFormat"} {
		if has["static"] != nil && has[name] != nil {
			r.errorf(has[name], "%s.%s: a static authority looks at no signature, and cannot have it", path, name)
		}
	}
	if slices.ContainsFunc(p.authorities[:len(p.authorities)-1], func(o *authority) bool { return o.name == a.name }) {
		r.errorf(n, "%s: there are two authorities named %q in this policy", path, a.name)
	}
}

func (r *reader) static(n *yaml.Node, path string) *static {
	s := &static{}
	var action string
	has := r.mapping(n, path,
		field{"action", r.oneOf(&action, "pass", "fail")},
		field{"message", r.into(&s.message)},
	)
	if has != nil && has["action"] == nil {
		r.errorf(n, "%s has no action: write pass or fail", path)
	}
	s.fail = action != "pass"
	return s
}

// Source is where, besides beside the image, a policy says that signatures are.
type Source struct {
	Repository string // "ghcr.io/acme/signatures", "" for the image's own
	TagPrefix  string // before "sha256-….sig", "" for none
	Format     Format // of the signatures that count

	// Attestations says that it is attestations that are wanted, not signatures.
	Attestations bool
}

// sources reads the list of one source that an authority may have.
func (r *reader) sources(n *yaml.Node, path string) (source *Source) {
	r.items(n, path, func(n *yaml.Node, path string) {
		if source != nil {
			r.errorf(n, "%s: an authority has one source; write another authority for the other", path)
			return
		}
		source = &Source{}
		r.mapping(n, path,
			field{"oci", func(n *yaml.Node, path string) { source.Repository = r.repository(n, path) }},
			field{"tagPrefix", r.into(&source.TagPrefix)},
			field{"signaturePullSecrets", func(n *yaml.Node, path string) {
				r.remarkf(n, "%s: a cluster's secrets are not read here; what docker login stored is used", path)
				r.items(n, path, func(n *yaml.Node, path string) {
					var name string
					if has := r.mapping(n, path, field{"name", r.into(&name)}); has != nil && has["name"] == nil {
						r.errorf(n, "%s has no name", path)
					}
				})
			}},
		)
	})
	return source
}

// repository reads the name of an OCI repository.
func (r *reader) repository(n *yaml.Node, path string) string {
	text, ok := r.text(n, path)
	if !ok {
		return ""
	}
	name, err := oci.Parse(text)
	switch {
	case err != nil:
		r.errorf(target(n), "%s: %v", path, err)
	case name.Tag != "" || name.Digest != "":
		r.errorf(target(n), "%s: %q must name a repository, without tag and digest", path, text)
	default:
		return name.Repo()
	}
	return ""
}

func (r *reader) ctlog(n *yaml.Node, path string) *logDemand {
	l := &logDemand{at: r.at(n)}
	has := r.mapping(n, path,
		field{"url", func(n *yaml.Node, path string) { l.url = true; r.url(n, path) }},
		field{"trustRootRef", func(n *yaml.Node, path string) { l.root = r.trustRef(n, path) }},
	)
	if has != nil && !l.url && l.root == nil {
		r.errorf(n, "%s names no log: write a url for the public one or a trustRootRef, or leave it out", path)
	}
	return l
}

func (r *reader) timestamp(n *yaml.Node, path string) (ref *trustRef) {
	has := r.mapping(n, path, field{"trustRootRef", func(n *yaml.Node, path string) { ref = r.trustRef(n, path) }})
	if has != nil && has["trustRootRef"] == nil {
		r.errorf(n, "%s has no trustRootRef: name the TrustRoot whose timestampAuthorities may stamp", path)
	}
	return ref
}

func (r *reader) trustRef(n *yaml.Node, path string) *trustRef {
	name, ok := r.text(n, path)
	if !ok {
		return nil
	}
	return &trustRef{at: r.at(target(n)), name: name}
}

// url reads a URL, which is never fetched here; "" if it is none.
func (r *reader) url(n *yaml.Node, path string) string {
	text, ok := r.text(n, path)
	if !ok {
		return ""
	}
	if u, err := url.Parse(text); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		r.errorf(target(n), "%s: %q is no URL", path, text)
		return ""
	}
	return text
}

// predicateTypes are the short names of predicate types that cosign takes.
var predicateTypes = map[string]string{
	"custom":           "https://cosign.sigstore.dev/attestation/v1",
	"cyclonedx":        "https://cyclonedx.org/bom",
	"link":             "https://in-toto.io/Link/v1",
	"openvex":          "https://openvex.dev/ns",
	"slsaprovenance":   "https://slsa.dev/provenance/v0.2",
	"slsaprovenance02": "https://slsa.dev/provenance/v0.2",
	"slsaprovenance1":  "https://slsa.dev/provenance/v1",
	"spdx":             "https://spdx.dev/Document",
	"spdxjson":         "https://spdx.dev/Document",
	"vuln":             "https://cosign.sigstore.dev/attestation/vuln/v1",
}

// attestation reads one item of an authority's attestations.
func (s *parser) attestation(r *reader, a *authority, n *yaml.Node, path string) {
	var t attestation
	has := r.mapping(n, path,
		field{"name", r.into(&t.name)},
		field{"predicateType", func(n *yaml.Node, path string) {
			var ok bool
			if t.predicateType, ok = r.text(n, path); !ok {
				return
			}
			if t.uri, ok = predicateTypes[t.predicateType]; ok {
				return
			}
			t.uri = t.predicateType
			if u, err := url.Parse(t.uri); err != nil || u.Scheme == "" {
				r.remarkf(target(n), "%s: %q is neither a URI nor one of cosign's short names", path, t.uri)
			}
		}},
		field{"policy", func(n *yaml.Node, path string) { t.rule = s.rule(r, n, path, false) }},
	)
	for _, name := range []string{"name", "predicateType"} {
		if has != nil && has[name] == nil {
			r.errorf(n, "%s has no %s", path, name)
		}
	}
	if slices.ContainsFunc(a.attestations, func(o attestation) bool { return o.name == t.name }) {
		r.errorf(n, "%s: there are two attestations named %q in this authority", path, t.name)
	}
	a.attestations = append(a.attestations, t)
}
