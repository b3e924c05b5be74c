package policy

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// cosignKey is where "cosign generate-key-pair k8s://…" puts the public key.
const cosignKey = "cosign.pub"

// Value returns what a file of Kubernetes objects, or Lists of them, holds for the field; ok
// is false if the Secret or ConfigMap is not in it. Of a Secret it is the key
// cosign.pub or, as policy-controller has it, the only one; of a ConfigMap the one
// that the field names. Namespaces are compared where both sides name one.
func (e External) Value(manifests Document) (text []byte, ok bool, err error) {
	var p yaml.Parser
	docs, err := p.Parse(string(manifests.Data))
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", manifests.File, err)
	}
	for _, d := range docs {
		if d.Root == nil {
			continue
		}
		for _, object := range append(list(child(d.Root.Resolve(), "items")), d.Root.Resolve()) {
			if !e.isIn(object) {
				continue
			}
			if text, err = e.of(object); err != nil {
				return nil, false, e.Errorf("%s: %s: %v", manifests.File, e, err)
			}
			return text, true, nil
		}
	}
	return nil, false, nil
}

// isIn reports whether an object is the one that the field names.
func (e External) isIn(object *yaml.Node) bool {
	metadata := child(object, "metadata")
	if object.Kind != yaml.Mapping || metadata == nil || e.Holder == KMS {
		return false
	}
	namespace := scalarAt(metadata, "namespace")
	return value(object, "kind") == string(e.Holder) && value(object, "apiVersion") == "v1" &&
		scalarAt(metadata, "name") == e.Name && (namespace == "" || e.Namespace == "" ||
		namespace == e.Namespace)
}

// of returns what an object holds for the field. stringData goes before data, as
// it does where the object is applied.
func (e External) of(object *yaml.Node) ([]byte, error) {
	plain, encoded := child(object, "stringData"), child(object, "data")
	if e.Holder == ConfigMap {
		plain, encoded = encoded, child(object, "binaryData")
	}
	key, err := e.keyOf(plain, encoded)
	if err != nil {
		return nil, err
	}
	if n := child(plain, key); n != nil {
		return []byte(n.Value), nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(child(encoded,
		key).Value), ""))
	if err != nil {
		return nil, fmt.Errorf("%s is not valid base64", key)
	}
	return data, nil
}

// keyOf chooses among the keys of an object.
func (e External) keyOf(parts ...*yaml.Node) (string, error) {
	var keys []string
	for _, part := range parts {
		for key := range part.Pairs() {
			keys = append(keys, key.Value)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	has := strings.Join(keys, ", ")
	switch {
	case len(keys) == 0:
		return "", errors.New("it holds nothing")
	case e.Holder == ConfigMap && e.Key == "":
		return "", errors.New("the policy names no key of it")
	case e.Holder == ConfigMap && !slices.Contains(keys, e.Key):
		return "", fmt.Errorf("it has no key %q, but %s", e.Key, has)
	case e.Holder == ConfigMap:
		return e.Key, nil
	case slices.Contains(keys, cosignKey):
		return cosignKey, nil
	case len(keys) > 1:
		return "", fmt.Errorf("it has several keys (%s) and none is %s", has, cosignKey)
	}
	return keys[0], nil
}
