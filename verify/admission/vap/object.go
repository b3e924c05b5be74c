package vap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Ref identifies an object in a cluster.
type Ref struct {
	APIVersion string // "plumb.dev/v1"
	Kind       string // "DigestList"
	Name       string // "plumb"
}

// Resource is the name that kubectl takes: "Kind.version.group/name".
func (r Ref) Resource() string {
	group, version, _ := strings.Cut(r.APIVersion, "/")
	return r.Kind + "." + version + "." + group + "/" + r.Name
}

// String is the name for people: "Kind/name".
func (r Ref) String() string { return r.Kind + "/" + r.Name }

// refOf identifies an object.
func refOf(object map[string]any) Ref {
	text := func(value any) string { s, _ := value.(string); return s }
	metadata, _ := object["metadata"].(map[string]any)
	return Ref{text(object["apiVersion"]), text(object["kind"]), text(metadata["name"])}
}

// object is an object that Policy writes.
type object struct {
	Ref
	spec any // as encoding/json decodes it
	size int // as JSON, which is how it is stored, in bytes
}

// decode reads what Policy writes.
func decode(text []byte) ([]object, error) {
	var out []object
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var value map[string]any
		if err := d.Decode(&value); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("the policy that was written: %w", err)
		}
		if value == nil { // the comment at the top
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return nil, err
		}
		out = append(out, object{refOf(value), value["spec"], len(raw)})
	}
}
