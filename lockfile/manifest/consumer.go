package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	yamlv2 "go.yaml.in/yaml/v2"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// The functions here read a text with the parser that kubectl, Helm, Argo CD and the API
// server read with (sigs.k8s.io/yaml, which stands on yaml.v2), and compare. They are for
// texts that are not plain, and for those that plumb cannot parse: what such a text means
// is for its consumers' parser to say.

// documents returns the parts that consumers split a text into, as Kubernetes'
// YAMLReader does: at lines that start with ---. It refuses a separator with content, and
// Helm does not.
func documents(src string) []string {
	src = strings.TrimPrefix(src, byteOrderMark)
	var out []string
	var part strings.Builder
	for line := range strings.Lines(src) {
		text := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if rest, ok := strings.CutPrefix(text, "---"); ok {
			out = append(out, part.String())
			part.Reset()
			if rest = strings.TrimSpace(rest); rest == "" || rest[0] == '#' {
				continue
			}
			text = rest
		}
		part.WriteString(text)
		part.WriteByte('\n')
	}
	return append(out, part.String())
}

// decodeV2 returns what yaml.v2 reads of the first document of a text.
func decodeV2(text string) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parser panicked: %v", r)
		}
	}()
	err = yamlv2.Unmarshal([]byte(text), &v)
	return v, err
}

// asConsumed calls do with each value that a consumer may read of src, JSON or YAML. What
// stands before a part that cannot be parsed may be applied, and behind it as well, by
// those who split a text otherwise or take no notice.
func asConsumed(src string, do func(v any)) {
	src = strings.TrimPrefix(strings.ToValidUTF8(src, "\ufffd"), byteOrderMark)
	for strings.HasPrefix(strings.TrimLeftFunc(src, unicode.IsSpace), "{") {
		decoder := json.NewDecoder(strings.NewReader(src))
		var v any
		if decoder.Decode(&v) != nil {
			break
		}
		do(v)
		src = src[decoder.InputOffset():]
	}
	var p yaml.Parser
	for _, text := range documents(src) {
		if v, err := decodeV2(text); err == nil {
			do(v)
		}
		docs, _ := p.Parse(text) // up to a fault, behind which kustomize does not look
		for _, d := range docs {
			do(d.Root)
		}
	}
}

// holdsObject reports whether a consumer may read a Kubernetes object from src.
func holdsObject(src string) bool {
	found := false
	asConsumed(src, func(v any) { found = found || isObject(v) })
	return found
}

// readsCollection reports whether yaml.v2 reads a mapping or a list from src, which then is
// for a consumer that does not split it.
func readsCollection(src string) bool {
	switch v, err := decodeV2(src); v.(type) {
	case map[any]any, []any:
		return err == nil
	}
	return false
}

// isObject reports whether v has the two fields that every Kubernetes object has.
func isObject(v any) bool {
	var version, kind any
	switch m := v.(type) {
	case map[any]any:
		version, kind = m["apiVersion"], m["kind"]
	case map[string]any:
		version, kind = m["apiVersion"], m["kind"]
	case *yaml.Node:
		version, kind = field(m, "apiVersion"), field(m, "kind")
	}
	v1, ok1 := version.(string)
	k, ok2 := kind.(string)
	return ok1 && ok2 && v1 != "" && k != ""
}

const byteOrderMark = "\ufeff"

var errDiffers = errors.New("YAML parsers read it differently: kubectl would see other values " +
	"than plumb does")

// differs reports whether consumers read other values from the parts of a text than docs
// holds. object says that one of theirs is a Kubernetes object.
func differs(parts []string, docs []yaml.Document) (differs, object bool) {
	next := 0
	for _, text := range parts {
		v, err := decodeV2(text)
		if err != nil || v == nil {
			continue
		}
		object = object || isObject(v)
		for next < len(docs) && !alike(docs[next].Root, v) {
			next++
		}
		if next++; next > len(docs) {
			differs = true
		}
	}
	return differs, object
}

// alike reports whether n stands for v, the value that yaml.v2 reads.
func alike(n *yaml.Node, v any) bool {
	n = target(n)
	if n == nil {
		return v == nil
	}
	switch v := v.(type) {
	case map[any]any:
		return n.Kind == yaml.Mapping && alikeMapping(n, v)
	case []any:
		if n.Kind != yaml.Sequence {
			return false
		}
		c := n.FirstChild
		for _, item := range v {
			if c == nil || !alike(c, item) {
				return false
			}
			c = c.Next
		}
		return c == nil
	case string:
		return n.Kind == yaml.Scalar && n.Value == v
	}
	return n.Kind == yaml.Scalar // a number, boolean or null, which names nothing
}

// alikeMapping is alike for a mapping.
func alikeMapping(n *yaml.Node, v map[any]any) bool {
	ours := map[any]*yaml.Node{}
	take := func(k, value *yaml.Node) {
		if k.Kind != yaml.Scalar {
			return
		}
		if _, ok := v[k.Value]; ok || k.Style != yaml.Plain && k.Tag == "" {
			ours[k.Value] = value
			return
		}
		// A key that is a number, a boolean or null.
		if key, err := decodeV2(strings.TrimSpace(k.Tag + " " + k.Value)); err == nil && hashable(key) {
			ours[key] = value
		} else {
			ours[k.Value] = value
		}
	}
	merges := false
	for k := n.FirstChild; k != nil; k = k.Next.Next {
		if isMerge(k) {
			merges = true
		} else {
			take(k, k.Next)
		}
	}
	if merges {
		for _, p := range merged(n) {
			take(p.key, p.value)
		}
	}
	if len(ours) != len(v) {
		return false
	}
	for k, value := range v {
		if node, ok := ours[k]; !ok || !alike(node, value) {
			return false
		}
	}
	return true
}

func hashable(key any) bool {
	switch key.(type) {
	case map[any]any, []any, yamlv2.MapSlice:
		return false
	}
	return true
}
