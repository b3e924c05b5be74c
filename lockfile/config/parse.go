package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Parse reads the plumb.yaml that data holds. file is what errors call it. The
// error is an ErrorList of all that is wrong.
func Parse(file string, data []byte) (*Config, error) {
	p := &parser{file: file, data: data}
	c := Default("")
	if root := p.document(); root != nil {
		p.config(root, c)
	}
	if len(p.errs) > 0 {
		p.errs.sort()
		return nil, p.errs
	}
	return c, nil
}

// parser gathers the errors of one file.
type parser struct {
	file string
	data []byte
	errs ErrorList
}

// errorf notes an error at n.
func (p *parser) errorf(n *yaml.Node, format string, args ...any) {
	line, column := position(p.data, n.Line, n.Column)
	p.errs = append(p.errs, &Error{File: p.file, Line: line, Column: column, Msg: fmt.Sprintf(format, args...)})
}

// document returns the content of the one document that there must be, or nil.
func (p *parser) document() *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(p.data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		first = yaml.Node{Line: 1, Column: 1}
		p.errorf(&first, "is empty: begin with apiVersion: %s and kind: %s", APIVersion, Kind)
		return nil
	} else if err != nil {
		p.syntax(err)
		return nil
	}
	err := decoder.Decode(&second)
	switch {
	case err == nil:
		p.errorf(&second, "there is a second document: a plumb.yaml holds one")
	case !errors.Is(err, io.EOF):
		p.syntax(err)
	}
	return first.Content[0]
}

// yamlLine finds the line in the YAML parser's messages.
var yamlLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
})

// syntax notes an error of the YAML parser.
func (p *parser) syntax(err error) {
	message := err.Error()
	found := yamlLine().FindStringSubmatch(message)
	line := 1
	if found != nil {
		message = message[len(found[0]):]
		if n, err := strconv.Atoi(found[1]); err == nil {
			line = n
		}
	}
	p.errs = append(p.errs, &Error{File: p.file, Line: line, Msg: message})
}

// field reads the value of one key of a mapping.
type field struct {
	name string
	read func(value *yaml.Node)
}

// mapping reads the keys of n by fields and notes those that are not there or
// stand twice. It returns the keys that n has, or nil if n is no mapping.
func (p *parser) mapping(n *yaml.Node, what string, fields ...field) map[string]bool {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return p.keys(n, what, func(key, value *yaml.Node) {
		i := slices.Index(names, key.Value)
		if i >= 0 {
			fields[i].read(value)
			return
		}
		hint := "known are " + strings.Join(names, ", ")
		if name := nearest(key.Value, names); name != "" {
			hint = fmt.Sprintf("did you mean %q?", name)
		}
		p.errorf(key, "unknown field %q in %s: %s", key.Value, what, hint)
	})
}

// keys calls read with every key and value of n, which must be a mapping of
// distinct strings. It returns the keys, or nil if n is no mapping.
func (p *parser) keys(n *yaml.Node, what string, read func(key, value *yaml.Node)) map[string]bool {
	if n.Kind != yaml.MappingNode {
		p.errorf(n, "%s must be a mapping, not %s", what, describe(n))
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str":
			p.errorf(key, "a field of %s must be named by a string, not %s", what, describe(key))
		case seen[key.Value]:
			p.errorf(key, "field %q stands twice in %s", key.Value, what)
		default:
			seen[key.Value] = true
			read(key, value)
		}
	}
	return seen
}

// text returns the string that n must be and not be empty. ok is false if it is not.
func (p *parser) text(n *yaml.Node, what string) (s string, ok bool) {
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		p.errorf(n, "%s must be a string, not %s", what, describe(n))
		return "", false
	case n.Value == "":
		p.errorf(n, "%s is empty", what)
		return "", false
	}
	return n.Value, true
}

// texts returns the strings that n must be a list of, and distinct. fault says
// what is wrong with one of them, or "".
func (p *parser) texts(n *yaml.Node, what string, fault func(string) string) []string {
	var all []string
	p.items(n, what, func(item *yaml.Node) {
		s, ok := p.text(item, "an item of "+what)
		if !ok {
			return
		}
		if why := fault(s); why != "" {
			p.errorf(item, "%s: %q %s", what, s, why)
			return
		}
		if slices.Contains(all, s) {
			p.errorf(item, "%s: %q stands twice", what, s)
			return
		}
		all = append(all, s)
	})
	return all
}

// items calls read with every item of n, which must be a list.
func (p *parser) items(n *yaml.Node, what string, read func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		p.errorf(n, "%s must be a list, not %s", what, describe(n))
		return
	}
	for _, item := range n.Content {
		read(item)
	}
}

// some notes an error where n is a list of nothing, which would read as if it
// left out what it stands for.
func (p *parser) some(n *yaml.Node, what string) {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		p.errorf(n, "%s is an empty list: leave it out for the default", what)
	}
}

// describe says what n is, for messages.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "a boolean"
	case "!!int", "!!float":
		return "a number (quote it)"
	case "!!timestamp":
		return "a date (quote it)"
	case "!!str":
		return "a string"
	}
	return "a value tagged " + n.ShortTag()
}
