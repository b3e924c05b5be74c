// Package yamltemplate executes templates of YAML (text/template) with values that are
// quoted where YAML wants it: a value stays one value whatever is in it.
//
// Templates have these functions besides the usual ones:
//
//	yaml VALUE      a string, bool or int as a scalar, or a []string as a flow sequence;
//	                a string of several lines becomes a block scalar
//	indent N TEXT   TEXT, with N spaces before each of its lines but the first
//	comment TEXT    TEXT on one line, to go behind a #
package yamltemplate

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Parse parses a template. It panics on an error: templates are part of the program.
func Parse(name, text string) *template.Template {
	t := template.New(name).Option("missingkey=error")
	return template.Must(t.Funcs(template.FuncMap{"yaml": quote, "indent": indent,
		"comment": comment}).Parse(text))
}

// Execute executes a template.
func Execute(t *template.Template, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// quote writes a value as YAML.
func quote(value any) (string, error) {
	var n *yaml.Node
	switch v := value.(type) {
	case string:
		n = scalar(v)
	case []string:
		n = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		for _, text := range v {
			item := scalar(text)
			item.Style = 0 // a block scalar cannot be part of a flow sequence
			n.Content = append(n.Content, item)
		}
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	default:
		return "", fmt.Errorf("a %T is not a value that a template writes", value)
	}
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// scalar is a text that YAML takes for nothing but text.
func scalar(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if strings.Contains(text, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// indent puts spaces before each line but the first, and before no empty one.
func indent(n int, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 && line != "" {
			lines[i] = strings.Repeat(" ", n) + line
		}
	}
	return strings.Join(lines, "\n")
}

// comment replaces what could end a comment's line.
func comment(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
