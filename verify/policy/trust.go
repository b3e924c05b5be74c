package policy

import (
	"encoding/base64"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// trustedRoot reads a trusted_root.json, the root for policies that name none.
func (s *parser) trustedRoot(r *reader, n *yaml.Node, alone bool) {
	switch {
	case s.public != nil:
		r.errorf(n, "there are two trusted roots: the other is %s", s.public.at)
		return
	case !alone:
		r.errorf(n, "a trusted root stands in a file of its own")
		return
	}
	s.public = &trust{at: r.at(n)}
	material, err := signature.ParseTrustedRoot([]byte(strings.TrimPrefix(*r.source, "\ufeff")))
	if err != nil {
		r.errorf(n, "%v", err)
		return
	}
	s.public.material = material
}

// trustRoot reads a TrustRoot.
func (s *parser) trustRoot(r *reader, n *yaml.Node) {
	t := &trust{at: r.at(n)}
	var spec *yaml.Node
	r.object(n, func(n *yaml.Node, path string) { t.name = r.name(n, path) }, func(n *yaml.Node, _ string) { spec = n })
	if t.name == "" {
		return
	}
	if other, ok := s.roots[t.name]; ok {
		r.errorf(n, "there are two TrustRoots named %q: the other is %s", t.name, other.at)
		return
	}
	s.roots[t.name] = t
	if spec == nil {
		return
	}
	has := r.mapping(spec, "spec",
		field{"sigstoreKeys", func(n *yaml.Node, path string) { t.material = r.sigstoreKeys(n, path) }},
		field{"repository", func(n *yaml.Node, path string) { t.material = s.repository(r, n, path) }},
		field{"remote", func(n *yaml.Node, path string) { t.material = s.remote(r, t.name, n, path) }},
	)
	if has != nil && len(has) != 1 {
		r.errorf(spec, "spec must have one of sigstoreKeys, repository and remote, and has %d", len(has))
	}
}

// sigstoreKeys reads the keys and certificates that a TrustRoot holds itself.
func (r *reader) sigstoreKeys(n *yaml.Node, path string) root.TrustedMaterial {
	t := &signature.Trust{}
	has := r.mapping(n, path,
		field{"certificateAuthorities", r.authorities(t.AddAuthority)},
		field{"timestampAuthorities", r.authorities(t.AddTimestampAuthority)},
		field{"tLogs", r.logs(t.AddLog)},
		field{"ctLogs", r.logs(t.AddCTLog)},
	)
	if has != nil && has["certificateAuthorities"] == nil && has["timestampAuthorities"] == nil {
		r.errorf(n, "%s has neither certificateAuthorities nor timestampAuthorities", path)
	}
	return t
}

// authorities reads a list of certificate or timestamp authorities.
func (r *reader) authorities(add func(chain []byte, uri string, valid signature.Validity) error) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.items(n, path, func(n *yaml.Node, path string) {
			var uri string
			var chain []byte
			has := r.mapping(n, path,
				field{"subject", func(n *yaml.Node, path string) {
					var ignored string
					has := r.mapping(n, path, field{"organization", r.into(&ignored)}, field{"commonName", r.into(&ignored)})
					r.must(n, path, has, "organization", "commonName")
				}},
				field{"uri", r.into(&uri)},
				field{"certChain", r.bytes(&chain)},
			)
			r.must(n, path, has, "subject", "uri", "certChain")
			if chain == nil {
				return
			}
			if err := add(chain, uri, signature.Validity{}); err != nil {
				r.errorf(has["certChain"], "%s.certChain: %v", path, err)
			}
		})
	}
}

// logs reads a list of transparency logs.
func (r *reader) logs(add func(key []byte, url string, valid signature.Validity) error) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.items(n, path, func(n *yaml.Node, path string) {
			var url, hash string
			var key []byte
			has := r.mapping(n, path,
				field{"baseURL", r.into(&url)},
				field{"hashAlgorithm", r.oneOf(&hash, "sha-256", "sha256")},
				field{"publicKey", r.bytes(&key)},
			)
			r.must(n, path, has, "baseURL", "hashAlgorithm", "publicKey")
			if key == nil {
				return
			}
			if err := add(key, url, signature.Validity{}); err != nil {
				r.errorf(has["publicKey"], "%s.publicKey: %v", path, err)
			}
		})
	}
}

// must notes which of names a mapping does not have.
func (r *reader) must(n *yaml.Node, path string, has map[string]*yaml.Node, names ...string) {
	for _, name := range names {
		if has != nil && has[name] == nil {
			r.errorf(n, "%s has no %s", path, name)
		}
	}
}

// bytes reads bytes in base64, which may be broken into lines, into b.
func (r *reader) bytes(b *[]byte) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		text, ok := r.text(n, path)
		if !ok {
			return
		}
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			hint := ""
			if strings.Contains(text, "-----BEGIN") {
				hint = ": it is PEM, which must be in base64 once more"
			}
			r.errorf(target(n), "%s is no base64%s", path, hint)
			return
		}
		*b = data
	}
}

// tufFields are those that spec.repository and spec.remote have in common.
type tufFields struct {
	root            []byte
	targets, target string
}

func (r *reader) tufFields(t *tufFields) []field {
	return []field{
		{"root", r.bytes(&t.root)},
		{"targets", r.into(&t.targets)},
		{"trustedRootTarget", r.into(&t.target)},
	}
}

// repository reads a TUF repository that stands in the document.
func (s *parser) repository(r *reader, n *yaml.Node, path string) root.TrustedMaterial {
	var t tufFields
	var mirror []byte
	has := r.mapping(n, path, append(r.tufFields(&t), field{"mirrorFS", r.bytes(&mirror)})...)
	r.must(n, path, has, "root", "mirrorFS")
	if t.root == nil || mirror == nil {
		return nil
	}
	return s.fromTUF(r, n, path, mirror, t)
}

func (s *parser) fromTUF(r *reader, n *yaml.Node, path string, mirror []byte, t tufFields) root.TrustedMaterial {
	files, err := unpack(mirror)
	var material root.TrustedMaterial
	if err == nil {
		material, err = readTUF(files, t, s.options.Now)
	}
	if err != nil {
		r.errorf(n, "%s: %v", path, err)
		return nil
	}
	return material
}
