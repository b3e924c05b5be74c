package policy

import (
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
)

// elsewhere are the fields that hold a key where only a cluster or a cloud can read it.
func elsewhere(what string) []yaml.Field {
	instead := func(v yaml.Value, why string) {
		v.Errorf("%s: %s; write %s as data, or in a file beside this policy and its path as "+
			"file: plumb policy import does it", v, why, what)
	}
	return []yaml.Field{
		{Name: "secretRef", Read: func(v yaml.Value) {
			instead(v, "a cluster's secret cannot be read offline")
		}},
		{Name: "kms", Read: func(v yaml.Value) {
			instead(v, "a key service cannot be queried offline")
		}},
	}
}

// pemText is a key or certificate and the field that it is from; found is false if
// there is none.
type pemText struct {
	data  []byte
	from  yaml.Value
	found bool
}

// pemOf reads a key or certificate: data holds it, or file names a file beside the
// policy that does.
func (s *parser) pemOf(v yaml.Value, what string, more ...yaml.Field) (p pemText) {
	fields := append([]yaml.Field{
		{Name: "data", Read: func(v yaml.Value) {
			if text, ok := v.Text(); ok {
				p = pemText{[]byte(text), v, true}
			}
		}},
		{Name: "file", Read: func(v yaml.Value) {
			name, ok := v.Text()
			if !ok {
				return
			}
			data, err := s.beside(v.Place().File, name, maxKeyFile)
			if err != nil {
				v.Errorf("%s: %q: %v", v, name, err)
				return
			}
			p = pemText{data, v, true}
		}},
	}, append(elsewhere(what), more...)...)
	has := v.Mapping(fields...)
	var given []string
	for _, name := range []string{"data", "file", "secretRef", "kms"} {
		if has.Has(name) {
			given = append(given, name)
		}
	}
	switch {
	case !has.Valid():
	case len(given) == 0:
		v.Errorf("%s has neither data nor file: write %s as one of them", v, what)
	case len(given) > 1:
		v.Errorf("%s has %s: it must have one of them", v, strings.Join(given, " and "))
		return pemText{}
	}
	return p
}

func (s *parser) key(v yaml.Value) *signature.Key {
	var hash string
	p := s.pemOf(v, "the public key (PEM)",
		yaml.Field{Name: "hashAlgorithm", Read: func(v yaml.Value) {
			text, ok := v.Text()
			hash = strings.ToLower(strings.TrimSpace(text))
			if known := []string{"sha224", "sha256", "sha384", "sha512"}; ok &&
				!slices.Contains(known, hash) {
				v.Errorf("%s must be one of %s, not %q", v, strings.Join(known, ", "), text)
				hash = ""
			}
		}})
	if !p.found {
		return nil
	}
	key, err := signature.ParseKey(p.data, hash)
	if err != nil {
		p.from.Errorf("%s: %v", p.from, err)
		return nil
	}
	return &key
}

func (s *parser) keyless(v yaml.Value) *keyless {
	k := &keyless{at: v.Place()}
	has := v.Mapping(
		yaml.Field{Name: "url", Read: func(v yaml.Value) { readURL(v) }},
		yaml.Field{Name: "identities", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) {
				if id, ok := readIdentity(v); ok {
					k.identities = append(k.identities, id)
				}
			})
			if v.Node.Kind == yaml.Sequence && v.Node.FirstChild == nil {
				v.Errorf("%s is empty: name at least one signer", v)
			}
		}},
		yaml.Field{Name: "ca-cert", Read: func(v yaml.Value) { k.authority = s.caCert(v) }},
		yaml.Field{Name: "trustRootRef", Read: func(v yaml.Value) { k.root = readTrustRef(v) }},
		yaml.Field{Name: "insecureIgnoreSCT", Read: yaml.Flag(&k.noSCT)},
	)
	if !has.Valid() {
		return k
	}
	if has.Has("url") && has.Has("ca-cert") {
		v.Errorf("%s has url and ca-cert: it must have one of them", v)
	}
	if !has.Has("identities") {
		v.Errorf("%s has no identities: name at least one signer", v)
	}
	return k
}

// readIdentity reads one item of identities.
func readIdentity(v yaml.Value) (id signature.Identity, ok bool) {
	var issuer, issuerExp, subject, subjectExp string
	has := v.Mapping(
		yaml.Field{Name: "issuer", Read: yaml.Into(&issuer)},
		yaml.Field{Name: "issuerRegExp", Read: yaml.Into(&issuerExp)},
		yaml.Field{Name: "subject", Read: yaml.Into(&subject)},
		yaml.Field{Name: "subjectRegExp", Read: yaml.Into(&subjectExp)},
	)
	if !has.Valid() {
		return id, false
	}
	for _, name := range []string{"issuer", "subject"} {
		exact, regexp := has.Has(name), has.Has(name+"RegExp")
		switch {
		case !exact && !regexp:
			v.Errorf("%s has neither %s nor %sRegExp: it must have one", v, name, name)
			return id, false
		case exact && regexp:
			v.Errorf("%s has both %s and %sRegExp: it must have one", v, name, name)
			return id, false
		}
	}
	id, err := signature.NewIdentity(issuer, issuerExp, subject, subjectExp)
	if err != nil && (issuer+issuerExp == "" || subject+subjectExp == "") {
		return id, false // which has been said
	} else if err != nil {
		v.Errorf("%s: %v", v, err)
		return id, false
	}
	return id, true
}

// caCert reads the certificate authority of a keyless authority.
func (s *parser) caCert(v yaml.Value) *signature.Trust {
	p := s.pemOf(v, "the certificates (PEM)", yaml.Field{Name: "hashAlgorithm",
		Read: func(v yaml.Value) {
			v.Errorf("%s: a certificate says itself how it is signed", v)
		}})
	if !p.found {
		return nil
	}
	trust := &signature.Trust{}
	if err := trust.AddAuthority(p.data, "", signature.Validity{}); err != nil {
		p.from.Errorf("%s: %v", p.from, err)
		return nil
	}
	return trust
}
