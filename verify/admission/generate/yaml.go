package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mapping is a YAML mapping, in the order in which it is written.
type mapping []field

// field is a key with what stands under it: a string, bool, int, []string, mapping or
// list, in which item and quoted may stand besides.
type field struct {
	key     string
	value   any
	comment string // above the key, "" for none
}

// list is a YAML sequence.
type list []any

// item is an item of a list with a comment above it.
type item struct {
	comment string
	value   mapping
}

// quoted is a text in quotes, since it could be taken for something else than text,
// with a comment behind it.
type quoted struct{ text, comment string }

// object is one Kubernetes object.
type object struct {
	apiVersion, kind string
	comment          string // above the object
	name, namespace  string
	labels           mapping
	annotations      mapping
	body             mapping // besides apiVersion, kind and metadata
}

func (o object) mapping() mapping {
	metadata := mapping{{key: "name", value: o.name}}
	if o.namespace != "" {
		metadata = append(metadata, field{key: "namespace", value: o.namespace})
	}
	if o.labels != nil {
		metadata = append(metadata, field{key: "labels", value: o.labels})
	}
	if o.annotations != nil {
		metadata = append(metadata, field{key: "annotations", value: o.annotations})
	}
	return append(mapping{
		{key: "apiVersion", value: o.apiVersion},
		{key: "kind", value: o.kind},
		{key: "metadata", value: metadata},
	}, o.body...)
}

// write writes a file of objects, below a comment of its own.
func write(comment string, objects []object) ([]byte, error) {
	var b bytes.Buffer
	writeComment(&b, comment)
	for _, o := range objects {
		b.WriteString("---\n")
		writeComment(&b, o.comment)
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := e.Encode(node(o.mapping())); err != nil {
			return nil, fmt.Errorf("writing %s %s: %w", o.kind, o.name, err)
		}
	}
	return b.Bytes(), nil
}

func writeComment(b *bytes.Buffer, text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
}

// node is what the encoder makes of a value.
func node(value any) *yaml.Node {
	switch v := value.(type) {
	case mapping:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, f := range v {
			key := node(f.key)
			key.HeadComment = f.comment
			n.Content = append(n.Content, key, node(f.value))
		}
		if len(v) == 0 {
			n.Style = yaml.FlowStyle
		}
		return n
	case list:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, inner := range v {
			n.Content = append(n.Content, node(inner))
		}
		return n
	case []string:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		for _, text := range v {
			n.Content = append(n.Content, node(text))
		}
		return n
	case item:
		n := node(v.value)
		n.HeadComment = v.comment
		return n
	case quoted:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: v.text, LineComment: v.comment}
	case string:
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
		if strings.Contains(v, "\n") {
			n.Style = yaml.LiteralStyle
		}
		return n
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}
	case int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprint(v)}
	}
	panic(fmt.Sprintf("generate: a %T has no place in YAML", value)) // a mistake of this package's
}

// plain is a value as encoding/json decodes it, which is how a cluster shows it.
func plain(value any) any {
	switch v := value.(type) {
	case mapping:
		out := make(map[string]any, len(v))
		for _, f := range v {
			out[f.key] = plain(f.value)
		}
		return out
	case list:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = plain(inner)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, text := range v {
			out[i] = text
		}
		return out
	case item:
		return plain(v.value)
	case quoted:
		return v.text
	case int:
		return float64(v)
	}
	return value
}

// jsonSize is how many bytes an object takes as JSON, which is how it is stored.
func jsonSize(o object) (int, error) {
	data, err := json.Marshal(plain(o.mapping()))
	return len(data), err
}
