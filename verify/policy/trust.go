package policy

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// trustedRoot reads a trusted_root.json, the root for policies that name none.
func (s *parser) trustedRoot(v yaml.Value, data []byte, alone bool) {
	switch {
	case s.public != nil:
		v.Errorf("there are two trusted roots: the other is %s", s.public.at)
		return
	case !alone:
		v.Errorf("a trusted root must be in a file of its own")
		return
	}
	s.public = &trust{at: v.Place()}
	material, err := signature.ParseTrustedRoot(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		v.Errorf("%v", err)
		return
	}
	s.public.material = material
}

// trustRoot reads a TrustRoot.
func (s *parser) trustRoot(v yaml.Value) {
	t := &trust{at: v.Place()}
	var spec *yaml.Value
	object(v, func(v yaml.Value) { t.name = objectName(v) }, func(v yaml.Value) { spec = &v })
	if t.name == "" {
		return
	}
	if other, ok := s.roots[t.name]; ok {
		v.Errorf("there are two TrustRoots named %q: the other is %s", t.name, other.at)
		return
	}
	s.roots[t.name] = t
	if spec == nil {
		return
	}
	has := spec.Mapping(
		yaml.Field{Name: "sigstoreKeys",
			Read: func(v yaml.Value) { t.material = readSigstoreKeys(v) }},
		yaml.Field{Name: "repository", Read: func(v yaml.Value) { t.material = s.repository(v) }},
		yaml.Field{Name: "remote", Read: func(v yaml.Value) { t.material = s.remote(t.name, v) }},
	)
	if has.Valid() && has.Len() != 1 {
		spec.Errorf("spec must have one of sigstoreKeys, repository and remote, and has %d",
			has.Len())
	}
}

// readSigstoreKeys reads the keys and certificates that a TrustRoot holds itself.
func readSigstoreKeys(v yaml.Value) root.TrustedMaterial {
	t := &signature.Trust{}
	has := v.Mapping(
		yaml.Field{Name: "certificateAuthorities", Read: readAuthorities(t.AddAuthority)},
		yaml.Field{Name: "timestampAuthorities", Read: readAuthorities(t.AddTimestampAuthority)},
		yaml.Field{Name: "tLogs", Read: readLogs(t.AddLog)},
		yaml.Field{Name: "ctLogs", Read: readLogs(t.AddCTLog)},
	)
	if has.Valid() && !has.Has("certificateAuthorities") && !has.Has("timestampAuthorities") {
		v.Errorf("%s has neither certificateAuthorities nor timestampAuthorities", v)
	}
	return t
}

// readAuthorities reads a list of certificate or timestamp authorities.
func readAuthorities(add func(chain []byte, uri string,
	valid signature.Validity) error) func(yaml.Value) {
	return func(v yaml.Value) {
		v.Items(func(v yaml.Value) {
			var uri string
			var chain []byte
			has := v.Mapping(
				yaml.Field{Name: "subject", Read: func(v yaml.Value) {
					var ignored string
					has := v.Mapping(yaml.Field{Name: "organization", Read: yaml.Into(&ignored)},
						yaml.Field{Name: "commonName", Read: yaml.Into(&ignored)})
					has.Require("organization", "commonName")
				}},
				yaml.Field{Name: "uri", Read: yaml.Into(&uri)},
				yaml.Field{Name: "certChain", Read: base64Into(&chain)},
			)
			has.Require("subject", "uri", "certChain")
			if chain == nil {
				return
			}
			if err := add(chain, uri, signature.Validity{}); err != nil {
				has.Get("certChain").Errorf("%s.certChain: %v", v, err)
			}
		})
	}
}

// readLogs reads a list of transparency logs.
func readLogs(add func(key []byte, url string, valid signature.Validity) error) func(yaml.Value) {
	return func(v yaml.Value) {
		v.Items(func(v yaml.Value) {
			var url, hash string
			var key []byte
			has := v.Mapping(
				yaml.Field{Name: "baseURL", Read: yaml.Into(&url)},
				yaml.Field{Name: "hashAlgorithm", Read: yaml.OneOf(&hash, "sha-256", "sha256")},
				yaml.Field{Name: "publicKey", Read: base64Into(&key)},
			)
			has.Require("baseURL", "hashAlgorithm", "publicKey")
			if key == nil {
				return
			}
			if err := add(key, url, signature.Validity{}); err != nil {
				has.Get("publicKey").Errorf("%s.publicKey: %v", v, err)
			}
		})
	}
}

// base64Into reads bytes in base64, which may be broken into lines, into b.
func base64Into(b *[]byte) func(yaml.Value) {
	return func(v yaml.Value) {
		text, ok := v.Text()
		if !ok {
			return
		}
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			hint := ""
			if strings.Contains(text, "-----BEGIN") {
				hint = ": it is PEM, which must be in base64 once more"
			}
			v.Errorf("%s is not valid base64%s", v, hint)
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

func readTUFFields(t *tufFields) []yaml.Field {
	return []yaml.Field{
		{Name: "root", Read: base64Into(&t.root)},
		{Name: "targets", Read: yaml.Into(&t.targets)},
		{Name: "trustedRootTarget", Read: yaml.Into(&t.target)},
	}
}

// repository reads a TUF repository that stands in the document.
func (s *parser) repository(v yaml.Value) root.TrustedMaterial {
	var t tufFields
	var mirror []byte
	has := v.Mapping(append(readTUFFields(&t), yaml.Field{Name: "mirrorFS",
		Read: base64Into(&mirror)})...)
	has.Require("root", "mirrorFS")
	if t.root == nil || mirror == nil {
		return nil
	}
	return s.fromTUF(v, mirror, t)
}

func (s *parser) fromTUF(v yaml.Value, mirror []byte, t tufFields) root.TrustedMaterial {
	files, err := unpack(mirror)
	var material root.TrustedMaterial
	if err == nil {
		material, err = readTUF(files, t, s.options.Now)
	}
	if err != nil {
		v.Errorf("%s: %v", v, err)
		return nil
	}
	return material
}
