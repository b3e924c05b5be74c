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
func (s *parser) authority(p *clusterImagePolicy, v yaml.Value) {
	a := &authority{at: v.Place(), name: fmt.Sprintf("authority-%d", len(p.authorities))}
	p.authorities = append(p.authorities, a)
	var format string
	has := v.Mapping(
		yaml.Field{Name: "name", Read: yaml.Into(&a.name)},
		yaml.Field{Name: "key", Read: func(v yaml.Value) { a.key = s.key(v) }},
		yaml.Field{Name: "keyless", Read: func(v yaml.Value) { a.keyless = s.keyless(v) }},
		yaml.Field{Name: "static", Read: func(v yaml.Value) { a.static = readStatic(v) }},
		yaml.Field{Name: "source", Read: func(v yaml.Value) { a.source = s.sources(v) }},
		yaml.Field{Name: "ctlog", Read: func(v yaml.Value) { a.log = readCTLog(v) }},
		yaml.Field{Name: "rfc3161timestamp",
			Read: func(v yaml.Value) { a.timestamp = readTimestamp(v) }},
		yaml.Field{Name: "attestations", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) { s.attestation(a, v) })
		}},
		yaml.Field{Name: "signatureFormat", Read: yaml.OneOf(&format, string(Legacy),
			string(Bundle))},
	)
	a.format = Format(format)
	if !has.Valid() {
		return
	}
	var kinds []string
	for _, kind := range []string{"key", "keyless", "static"} {
		if has.Has(kind) {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case len(kinds) == 0:
		v.Errorf("%s has none of key, keyless, static: it must have one", v)
	case len(kinds) > 1:
		v.Errorf("%s has %s: it must have one of them", v, strings.Join(kinds, " and "))
	}
	for _, name := range []string{"source", "ctlog", "rfc3161timestamp", "attestations",
		"signatureFormat"} {
		if has.Has("static") && has.Has(name) {
			has.Get(name).Errorf(
				"%s.%s: a static authority looks at no signature, and cannot have it", v, name)
		}
	}
	if slices.ContainsFunc(p.authorities[:len(p.authorities)-1],
		func(o *authority) bool { return o.name == a.name }) {
		v.Errorf("%s: there are two authorities named %q in this policy", v, a.name)
	}
}

func readStatic(v yaml.Value) *static {
	s := &static{}
	var action string
	has := v.Mapping(
		yaml.Field{Name: "action", Read: yaml.OneOf(&action, "pass", "fail")},
		yaml.Field{Name: "message", Read: yaml.Into(&s.message)},
	)
	if has.Valid() && !has.Has("action") {
		v.Errorf("%s has no action: write pass or fail", v)
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
func (s *parser) sources(v yaml.Value) (source *Source) {
	v.Items(func(v yaml.Value) {
		if source != nil {
			v.Errorf("%s: an authority has one source; write another authority for the other", v)
			return
		}
		source = &Source{}
		v.Mapping(
			yaml.Field{Name: "oci",
				Read: func(v yaml.Value) { source.Repository = readRepository(v) }},
			yaml.Field{Name: "tagPrefix", Read: yaml.Into(&source.TagPrefix)},
			yaml.Field{Name: "signaturePullSecrets", Read: func(v yaml.Value) {
				s.remarkf(v, "%s: a cluster's secrets are not read here; what docker login "+
					"stored is used", v)
				v.Items(func(v yaml.Value) {
					var name string
					v.Mapping(yaml.Field{Name: "name", Read: yaml.Into(&name)}).Require("name")
				})
			}},
		)
	})
	return source
}

// readRepository reads the name of an OCI repository.
func readRepository(v yaml.Value) string {
	text, ok := v.Text()
	if !ok {
		return ""
	}
	name, err := oci.Parse(text)
	switch {
	case err != nil:
		v.Errorf("%s: %v", v, err)
	case name.Tag != "" || name.Digest != "":
		v.Errorf("%s: %q must name a repository, without tag and digest", v, text)
	default:
		return name.Repo()
	}
	return ""
}

func readCTLog(v yaml.Value) *logDemand {
	l := &logDemand{at: v.Place()}
	has := v.Mapping(
		yaml.Field{Name: "url", Read: func(v yaml.Value) { l.url = true; readURL(v) }},
		yaml.Field{Name: "trustRootRef", Read: func(v yaml.Value) { l.root = readTrustRef(v) }},
	)
	if has.Valid() && !l.url && l.root == nil {
		v.Errorf("%s names no log: write a url for the public one or a trustRootRef, "+
			"or leave it out", v)
	}
	return l
}

func readTimestamp(v yaml.Value) (ref *trustRef) {
	has := v.Mapping(yaml.Field{Name: "trustRootRef",
		Read: func(v yaml.Value) { ref = readTrustRef(v) }})
	if has.Valid() && !has.Has("trustRootRef") {
		v.Errorf("%s has no trustRootRef: name the TrustRoot whose timestampAuthorities may stamp",
			v)
	}
	return ref
}

func readTrustRef(v yaml.Value) *trustRef {
	name, ok := v.Text()
	if !ok {
		return nil
	}
	return &trustRef{at: v.Place(), name: name}
}

// readURL reads a URL, which is never fetched here; "" if it is none.
func readURL(v yaml.Value) string {
	text, ok := v.Text()
	if !ok {
		return ""
	}
	if u, err := url.Parse(text); err != nil || u.Scheme != "https" && u.Scheme != "http" ||
		u.Host == "" {
		v.Errorf("%s: %q is not a valid URL", v, text)
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
func (s *parser) attestation(a *authority, v yaml.Value) {
	var t attestation
	has := v.Mapping(
		yaml.Field{Name: "name", Read: yaml.Into(&t.name)},
		yaml.Field{Name: "predicateType", Read: func(v yaml.Value) {
			var ok bool
			if t.predicateType, ok = v.Text(); !ok {
				return
			}
			if t.uri, ok = predicateTypes[t.predicateType]; ok {
				return
			}
			t.uri = t.predicateType
			if u, err := url.Parse(t.uri); err != nil || u.Scheme == "" {
				s.remarkf(v, "%s: %q is neither a URI nor one of cosign's short names", v, t.uri)
			}
		}},
		yaml.Field{Name: "policy", Read: func(v yaml.Value) { t.rule = s.rule(v, false) }},
	)
	has.Require("name", "predicateType")
	if slices.ContainsFunc(a.attestations, func(o attestation) bool { return o.name == t.name }) {
		v.Errorf("%s: there are two attestations named %q in this authority", v, t.name)
	}
	a.attestations = append(a.attestations, t)
}
