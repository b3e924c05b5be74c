package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/policy/eval"
	"github.com/plumb-dev/plumb/verify/signature"
)

// Holder is what holds the value of an External field.
type Holder string

// The holders that policy-controller reads.
const (
	Secret    Holder = "Secret"    // a Kubernetes Secret
	ConfigMap Holder = "ConfigMap" // a Kubernetes ConfigMap
	KMS       Holder = "kms"       // a key management service
)

// External is a field of a policy whose value only a cluster or a key service has.
// Inline puts the value into the document.
type External struct {
	File         string // of the policy
	Line, Column int    // 1-based, of the value; columns count bytes
	Path         string // "spec.authorities[0].key.secretRef"
	Holder       Holder // what has the value
	Namespace    string // of a Secret or ConfigMap; "" if the policy names none
	Name         string // of a Secret or ConfigMap, or the key service's URI
	Key          string // in a ConfigMap

	source     *string
	key, value *yaml.Node
	braces     bool                    // it stands in { }
	check      func(text []byte) error // whether it may stand there
}

// Externals returns the external fields of a file, in the order of the text. What else is
// wrong with the file is for Parse to say; the error is that of a file that is no YAML.
func Externals(doc Document) ([]External, error) {
	source := string(doc.Data)
	r := yaml.NewReader(doc.File, doc.Data, strictness)
	f := &externals{reader: r, source: &source, seen: map[int]bool{}}
	for n := range members(r.Documents()) {
		if strings.HasPrefix(value(n, "apiVersion"), group+"/") &&
			value(n, "kind") == "ClusterImagePolicy" {
			f.spec(child(n, "spec"))
		}
	}
	return f.found, r.Err()
}

// externals gathers the external fields of one file.
type externals struct {
	reader *yaml.Reader
	source *string
	seen   map[int]bool // by the place of the field: an alias may lead there again
	found  []External
}

func (f *externals) spec(spec *yaml.Node) {
	for i, authority := range list(child(spec, "authorities")) {
		path := fmt.Sprintf("spec.authorities[%d]", i)
		f.at(child(authority, "key"), path+".key", isKey)
		f.at(child(child(authority, "keyless"), "ca-cert"), path+".keyless.ca-cert", isCertificate)
		for j, attestation := range list(child(authority, "attestations")) {
			f.at(child(attestation, "policy"), fmt.Sprintf("%s.attestations[%d].policy", path, j),
				isText)
		}
	}
	f.at(child(spec, "policy"), "spec.policy", isText)
}

// at notes the external field of n, if it has one.
func (f *externals) at(n *yaml.Node, path string, check func([]byte) error) {
	for key, value := range n.Pairs() {
		holder, ok := map[string]Holder{"secretRef": Secret, "configMapRef": ConfigMap,
			"kms": KMS}[key.Value]
		if !ok || f.seen[key.Start] || value.Resolve().IsNull() {
			continue
		}
		f.seen[key.Start] = true
		at := f.reader.Place(value.Resolve())
		e := External{File: at.File, Line: at.Line, Column: at.Column, Path: path + "." + key.Value,
			Holder: holder, source: f.source, key: key, value: value,
			braces: n.Style == yaml.Flow, check: check}
		if value = value.Resolve(); holder == KMS {
			e.Name = value.Value
		} else {
			e.Namespace, e.Name, e.Key = scalarAt(value, "namespace"), scalarAt(value, "name"),
				scalarAt(value, "key")
		}
		f.found = append(f.found, e)
	}
}

// Errorf returns a *yaml.Error at the field's place that names the field.
func (e External) Errorf(format string, args ...any) error {
	at := yaml.Place{File: e.File, Line: e.Line, Column: e.Column}
	return at.Errorf("%s: %s", e.Path, fmt.Sprintf(format, args...))
}

// String names what holds the value: "Secret cosign-system/key".
func (e External) String() string {
	if e.Holder == KMS {
		return e.Name
	}
	return string(e.Holder) + " " + strings.TrimPrefix(e.Namespace+"/"+e.Name, "/")
}

func isKey(text []byte) error {
	_, err := signature.ParseKey(text, "")
	return err
}

func isCertificate(text []byte) error {
	return (&signature.Trust{}).AddAuthority(text, "", signature.Validity{})
}

func isText(text []byte) error {
	switch {
	case len(strings.TrimSpace(string(text))) == 0:
		return errors.New("it is empty")
	case len(text) > eval.MaxText:
		return fmt.Errorf("%d bytes, more than the %d that are read of a policy", len(text),
			eval.MaxText)
	}
	return nil
}

// child is what a key of n stands for; nil if there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n = n.Get(key); n == nil {
		return nil
	}
	return n.Resolve()
}

// list returns the items of n, as they are or stand for.
func list(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	for item := range n.Items() {
		out = append(out, item.Resolve())
	}
	return out
}

// scalarAt is value for what may be no mapping.
func scalarAt(n *yaml.Node, key string) string {
	if n.Kind != yaml.Mapping {
		return ""
	}
	return value(n, key)
}
