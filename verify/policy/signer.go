package policy

import (
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
)

// elsewhere are the fields that hold a key where only a cluster or a cloud can read it.
func (r *reader) elsewhere(what string) []field {
	instead := func(n *yaml.Node, path, why string) {
		r.errorf(n, "%s: %s; write %s as data, or in a file beside this policy and its path as file: plumb policy import does it", path, why, what)
	}
	return []field{
		{"secretRef", func(n *yaml.Node, path string) {
			instead(n, path, "a cluster's secret cannot be read offline")
		}},
		{"kms", func(n *yaml.Node, path string) {
			instead(n, path, "a key service cannot be asked offline")
		}},
	}
}

// pemText is a key or certificate and the field that it is from; at is nil if there is none.
type pemText struct {
	data []byte
	at   *yaml.Node
	path string
}

// pemOf reads a key or certificate: data holds it, or file names a file beside the
// policy that does.
func (s *parser) pemOf(r *reader, n *yaml.Node, path, what string, more ...field) (p pemText) {
	fields := append([]field{
		{"data", func(n *yaml.Node, path string) {
			if text, ok := r.text(n, path); ok {
				p = pemText{[]byte(text), target(n), path}
			}
		}},
		{"file", func(n *yaml.Node, path string) {
			name, ok := r.text(n, path)
			if !ok {
				return
			}
			data, err := s.beside(r, name, maxKeyFile)
			if err != nil {
				r.errorf(target(n), "%s: %q: %v", path, name, err)
				return
			}
			p = pemText{data, target(n), path}
		}},
	}, append(r.elsewhere(what), more...)...)
	has := r.mapping(n, path, fields...)
	var given []string
	for _, name := range []string{"data", "file", "secretRef", "kms"} {
		if has[name] != nil {
			given = append(given, name)
		}
	}
	switch {
	case has == nil:
	case len(given) == 0:
		r.errorf(n, "%s has neither data nor file: write %s as one of them", path, what)
	case len(given) > 1:
		r.errorf(n, "%s has %s: it must have one of them", path, strings.Join(given, " and "))
		return pemText{}
	}
	return p
}

func (s *parser) key(r *reader, n *yaml.Node, path string) *signature.Key {
	var hash string
	p := s.pemOf(r, n, path, "the public key (PEM)",
		field{"hashAlgorithm", func(n *yaml.Node, path string) {
			text, ok := r.text(n, path)
			hash = strings.ToLower(strings.TrimSpace(text))
			if known := []string{"sha224", "sha256", "sha384", "sha512"}; ok && !slices.Contains(known, hash) {
				r.errorf(target(n), "%s is %q; known are %s", path, text, strings.Join(known, ", "))
				hash = ""
			}
		}})
	if p.at == nil {
		return nil
	}
	key, err := signature.ParseKey(p.data, hash)
	if err != nil {
		r.errorf(p.at, "%s: %v", p.path, err)
		return nil
	}
	return &key
}

func (s *parser) keyless(r *reader, n *yaml.Node, path string) *keyless {
	k := &keyless{at: r.at(n)}
	has := r.mapping(n, path,
		field{"url", func(n *yaml.Node, path string) { r.url(n, path) }},
		field{"identities", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) {
				if id, ok := r.identity(n, path); ok {
					k.identities = append(k.identities, id)
				}
			})
			if n = target(n); n.Kind == yaml.Sequence && n.FirstChild == nil {
				r.errorf(n, "%s is empty: name at least one signer", path)
			}
		}},
		field{"ca-cert", func(n *yaml.Node, path string) { k.authority = s.caCert(r, n, path) }},
		field{"trustRootRef", func(n *yaml.Node, path string) { k.root = r.trustRef(n, path) }},
		field{"insecureIgnoreSCT", r.flag(&k.noSCT)},
	)
	if has == nil {
		return k
	}
	if has["url"] != nil && has["ca-cert"] != nil {
		r.errorf(n, "%s has url and ca-cert: it must have one of them", path)
	}
	if has["identities"] == nil {
		r.errorf(n, "%s has no identities: name at least one signer", path)
	}
	return k
}

// identity reads one item of identities.
func (r *reader) identity(n *yaml.Node, path string) (id signature.Identity, ok bool) {
	var issuer, issuerExp, subject, subjectExp string
	has := r.mapping(n, path,
		field{"issuer", r.into(&issuer)},
		field{"issuerRegExp", r.into(&issuerExp)},
		field{"subject", r.into(&subject)},
		field{"subjectRegExp", r.into(&subjectExp)},
	)
	if has == nil {
		return id, false
	}
	for _, name := range []string{"issuer", "subject"} {
		exact, regexp := has[name], has[name+"RegExp"]
		switch {
		case exact == nil && regexp == nil:
			r.errorf(n, "%s has neither %s nor %sRegExp: it must have one", path, name, name)
			return id, false
		case exact != nil && regexp != nil:
			r.errorf(n, "%s has both %s and %sRegExp: it must have one", path, name, name)
			return id, false
		}
	}
	id, err := signature.NewIdentity(issuer, issuerExp, subject, subjectExp)
	if err != nil && (issuer+issuerExp == "" || subject+subjectExp == "") {
		return id, false // which has been said
	} else if err != nil {
		r.errorf(n, "%s: %v", path, err)
		return id, false
	}
	return id, true
}

// caCert reads the certificate authority of a keyless authority.
func (s *parser) caCert(r *reader, n *yaml.Node, path string) *signature.Trust {
	p := s.pemOf(r, n, path, "the certificates (PEM)", field{"hashAlgorithm", func(n *yaml.Node, path string) {
		r.errorf(n, "%s: a certificate says itself how it is signed", path)
	}})
	if p.at == nil {
		return nil
	}
	trust := &signature.Trust{}
	if err := trust.AddAuthority(p.data, "", signature.Validity{}); err != nil {
		r.errorf(p.at, "%s: %v", p.path, err)
		return nil
	}
	return trust
}
