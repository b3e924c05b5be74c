package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// reader reads the nodes of one file and gathers what is wrong with them.
type reader struct {
	file    string
	source  *string
	errs    *ErrorList
	remarks *ErrorList
}

func (r *reader) at(n *yaml.Node) place {
	return place{file: r.file, source: r.source, offset: n.Start}
}

// errorf notes an error at n.
func (r *reader) errorf(n *yaml.Node, format string, args ...any) {
	*r.errs = append(*r.errs, r.at(n).errorf(format, args...))
}

// remarkf notes something at n that is no error.
func (r *reader) remarkf(n *yaml.Node, format string, args ...any) {
	*r.remarks = append(*r.remarks, r.at(n).errorf(format, args...))
}

// field reads the value of one key of a mapping. path is the value's, "spec.mode".
type field struct {
	name string
	read func(value *yaml.Node, path string)
}

// ignore reads a field that decides nothing here.
func ignore(*yaml.Node, string) {}

// mapping reads the keys of n by fields and notes those that are not there or
// stand twice. It returns the keys that have a value, or nil if n is no mapping.
func (r *reader) mapping(n *yaml.Node, path string, fields ...field) map[string]*yaml.Node {
	n = target(n)
	if n.Kind != yaml.Mapping {
		r.errorf(n, "%s must be a mapping, not %s", path, describe(n))
		return nil
	}
	seen, values := map[string]bool{}, map[string]*yaml.Node{}
	for key, value := range n.Pairs() {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		switch {
		case key.Kind != yaml.Scalar:
			r.errorf(key, "a field of %s must be named by a string, not %s", path, describe(key))
		case seen[key.Value]:
			r.errorf(key, "field %q stands twice in %s", key.Value, cmp.Or(path, "the document"))
		case i < 0:
			names := make([]string, len(fields))
			for j, f := range fields {
				names[j] = f.name
			}
			r.errorf(key, "unknown field %q in %s: known are %s", key.Value, cmp.Or(path, "the document"), strings.Join(names, ", "))
		case isNull(target(value)):
			// As the Kubernetes API server has it, nothing is the same as absence.
		default:
			values[key.Value] = value
			fields[i].read(value, join(path, key.Value))
		}
		seen[key.Value] = true
	}
	return values
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// items calls read with every item of n, which must be a list.
func (r *reader) items(n *yaml.Node, path string, read func(item *yaml.Node, path string)) {
	n = target(n)
	if n.Kind != yaml.Sequence {
		r.errorf(n, "%s must be a list, not %s", path, describe(n))
		return
	}
	i := 0
	for item := range n.Items() {
		read(target(item), fmt.Sprintf("%s[%d]", path, i))
		i++
	}
}

// into reads a string that is not empty into s.
func (r *reader) into(s *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) { *s, _ = r.text(n, path) }
}

// text returns the string that n must be, and not be empty. ok is false if it is not.
func (r *reader) text(n *yaml.Node, path string) (s string, ok bool) {
	n = target(n)
	switch {
	case n.Kind != yaml.Scalar || scalarKind(n) != "a string":
		r.errorf(n, "%s must be a string, not %s", path, describe(n))
		return "", false
	case strings.TrimSpace(n.Value) == "":
		r.errorf(n, "%s is empty", path)
		return "", false
	}
	return n.Value, true
}

// flag reads a boolean into b.
func (r *reader) flag(b *bool) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		n = target(n)
		if n.Kind != yaml.Scalar || scalarKind(n) != "a boolean" {
			r.errorf(n, "%s must be true or false, not %s", path, describe(n))
			return
		}
		*b = strings.EqualFold(n.Value, "true")
	}
}

// oneOf reads a string that must be one of values into s.
func (r *reader) oneOf(s *string, values ...string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		v, ok := r.text(n, path)
		if ok && !slices.Contains(values, v) {
			r.errorf(target(n), "%s is %q; known are %s", path, v, strings.Join(values, ", "))
			return
		}
		*s = v
	}
}

// target is what n stands for where it is an alias.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.Alias && n.Target != nil {
		n = n.Target
	}
	return n
}

// describe says what n is, for messages.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.Mapping:
		return "a mapping"
	case yaml.Sequence:
		return "a list"
	case yaml.Alias:
		return "an alias"
	}
	kind := scalarKind(n)
	if kind == "a number" {
		return "a number (quote it)"
	}
	return kind
}

// scalarKind says what a scalar is read as by those who read policies in a
// cluster, who follow YAML 1.1 in what is a boolean.
func scalarKind(n *yaml.Node) string {
	switch n.Tag {
	case "", "!!str":
	case "!":
		return "a string"
	default:
		return "a value tagged " + n.Tag
	}
	if n.Style != yaml.Plain || n.Tag == "!!str" {
		return "a string"
	}
	switch strings.ToLower(n.Value) {
	case "", "~", "null":
		return "nothing"
	case "true", "false":
		return "a boolean"
	case "yes", "no", "on", "off", "y", "n":
		return "a boolean of old (quote it, or write true or false)"
	}
	if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
		return "a number"
	}
	if _, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
		return "a number"
	}
	return "a string"
}

// isNull reports whether n is nothing: absent, or written null.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.Scalar && scalarKind(n) == "nothing" }
