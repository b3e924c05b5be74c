package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
)

// Prove reads a text as consumers decode it, before and after edits, and returns an error if
// anything else has changed than the values that the edits write or remove. A text that could
// not be decoded before, as a template, is not judged.
func Prove(file string, old, edited []byte, edits []Edit) error {
	before, err := decodeAll(old)
	if err != nil {
		return nil // nothing is known of what it means
	}
	after, err := decodeAll(edited)
	if err != nil {
		return fmt.Errorf("%s: edited, it could not be decoded any more: %w", file, err)
	}
	p := prover{edits: edits}
	p.compare("", before, after)
	if p.wrong != "" {
		return fmt.Errorf("%s: the edits would also change %s: pin it by hand", file, p.wrong)
	}
	return nil
}

// decodeAll decodes the documents of a text.
func decodeAll(text []byte) (docs []any, err error) {
	defer func() {
		if recovered := recover(); recovered != nil { // yaml.v2 panics on some texts
			err = fmt.Errorf("%v", recovered)
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc any
		switch err := d.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, err
		}
		docs = append(docs, doc)
	}
}

// prover compares what a text means before and after edits.
type prover struct {
	edits []Edit
	wrong string // the first field that has changed without an edit that explains it
}

func (p *prover) compare(path string, old, edited any) {
	if p.wrong != "" || reflect.DeepEqual(old, edited) {
		return
	}
	switch was := old.(type) {
	case map[any]any:
		if is, ok := edited.(map[any]any); ok {
			p.mappings(path, was, is)
			return
		}
	case []any:
		if is, ok := edited.([]any); ok && len(is) == len(was) {
			for i := range was {
				p.compare(fmt.Sprintf("%s[%d]", path, i), was[i], is[i])
			}
			return
		}
	}
	p.leaf(path, old, edited)
}

// mappings compares two mappings, in an order of their own.
func (p *prover) mappings(path string, was, is map[any]any) {
	var keys []string
	values := map[string][2]any{}
	for _, m := range [...]map[any]any{was, is} {
		for k := range m {
			name := fmt.Sprintf("%v", k)
			if _, seen := values[name]; !seen {
				keys = append(keys, name)
			}
			values[name] = [2]any{was[k], is[k]}
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		p.compare(strings.TrimPrefix(path+"."+k, "."), values[k][0], values[k][1])
	}
}

// leaf compares what is no collection on both sides: the edits must have written what is
// there now, and removed what is gone.
func (p *prover) leaf(path string, old, edited any) {
	for _, e := range p.edits {
		if written(edited, e.New) && (edited != nil || removed(old, e.Old)) {
			return
		}
	}
	p.wrong = path
	if path == "" {
		p.wrong = "a document"
	}
}

// written reports whether each text in a value is one that an edit writes, or holds it.
func written(value any, text string) bool {
	text, _, _ = strings.Cut(text, " "+nameMark) // the comment is no value
	text = strings.TrimSpace(text)
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v != "" && (strings.Contains(text, v) || strings.Contains(v, bare(text)))
	case map[any]any:
		for _, inner := range v {
			if !written(inner, text) {
				return false
			}
		}
		return true
	}
	return false // a number or a boolean, which no pin is
}

// bare is what an edit writes, without quotes and separators around it.
func bare(text string) string {
	if text = strings.Trim(text, "'\"@:, "); text == "" {
		return "\x00" // which no text holds
	}
	return text
}

// removed reports whether a value is one that an edit takes away.
func removed(value any, text string) bool {
	v, ok := value.(string)
	return ok && v != "" && strings.Contains(text, v)
}
