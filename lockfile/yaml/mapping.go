package yaml

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/spelling"
)

// Field is a key that a mapping may have, and what reads its value.
type Field struct {
	Name string      // the key
	Read func(Value) // reads its value, if it has the key
}

// Into returns what reads a string that is not blank into s.
func Into(s *string) func(Value) { return func(v Value) { *s, _ = v.Text() } }

// Flag returns what reads a boolean into b.
func Flag(b *bool) func(Value) { return func(v Value) { *b = v.Bool() } }

// OneOf returns what reads a string, one of words, into s.
func OneOf(s *string, words ...string) func(Value) {
	return func(v Value) { *s = v.Word(words...) }
}

// Ignore reads nothing of a value, whatever it is.
func Ignore(Value) {}

// Fields are the values that a mapping has, by its keys.
type Fields struct {
	of     Value
	values map[string]Value // nil if there is no mapping
}

// Valid reports whether the value is a mapping.
func (f Fields) Valid() bool { return f.values != nil }

// Has reports whether the mapping has a field.
func (f Fields) Has(name string) bool {
	_, ok := f.values[name]
	return ok
}

// Get returns the value of a field that the mapping has.
func (f Fields) Get(name string) Value { return f.values[name] }

// Len is how many fields the mapping has.
func (f Fields) Len() int { return len(f.values) }

// Require notes an error for each of names that the mapping does not have.
func (f Fields) Require(names ...string) {
	for _, name := range names {
		if f.Valid() && !f.Has(name) {
			f.of.Errorf("%s has no %s", f.of, name)
		}
	}
}

// Mapping reads the value, which must be a mapping of fields, in the order of the text.
// A key that is none of fields is an error.
func (v Value) Mapping(fields ...Field) Fields {
	f := Fields{of: v}
	if v.Node.Kind == Mapping {
		f.values = map[string]Value{}
	}
	v.entries(func(key, node *Node) {
		i := slices.IndexFunc(fields, func(field Field) bool { return field.Name == key.Value })
		if i < 0 {
			v.unknown(key, fields)
			return
		}
		value := v.reader.value(node, strings.TrimPrefix(v.Path+"."+key.Value, "."))
		if v.reader.options.NullAbsent && value.IsNull() {
			return
		}
		f.values[key.Value] = value
		fields[i].Read(value)
	})
	return f
}

// Entries calls read with every key and value of the value, which must be a mapping
// from strings of any kind.
func (v Value) Entries(read func(key, value Value)) {
	v.entries(func(key, node *Node) {
		path := fmt.Sprintf("%s[%s]", v.Path, key.Value)
		read(v.reader.value(key, path), v.reader.value(node, path))
	})
}

// unknown notes an error for a key that is none of fields.
func (v Value) unknown(key *Node, fields []Field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	hint := "known fields are " + strings.Join(names, ", ")
	if name := spelling.Nearest(key.Value, names); name != "" {
		hint = fmt.Sprintf("did you mean %q?", name)
	}
	v.reader.Errorf(key, "unknown field %q in %s: %s", key.Value, v, hint)
}

// entries calls read with every key and value of a mapping of distinct strings: with
// its own, and then with those of merge keys, where they are taken.
func (v Value) entries(read func(key, value *Node)) {
	if v.Node.Kind != Mapping {
		v.Errorf("%s must be a mapping, not %s", v, v.Node.describe())
		return
	}
	w := walk{of: v, read: read, seen: map[string]bool{}, merged: map[*Node]bool{}}
	w.mapping(v.Node)
}

// maxMerged is how many mappings merge keys may bring into one.
const maxMerged = 100

// walk goes through the entries of a mapping.
type walk struct {
	of     Value
	read   func(key, value *Node)
	seen   map[string]bool // keys that were read
	merged map[*Node]bool  // mappings that merge keys have brought
}

// mapping reads the keys of n, of which those that were read before do not count.
func (w *walk) mapping(n *Node) {
	r := w.of.reader
	own := map[string]bool{}
	var merges []*Node
	for key, value := range n.Pairs() {
		switch {
		case key.isMerge() && r.options.Aliases:
			merges = append(merges, value)
		case key.isMerge():
			r.Errorf(key, "merge keys are not allowed in %s: write out the fields", w.of)
		case !key.IsString():
			r.Errorf(key, "a field of %s must be named by a string, not %s", w.of, key.describe())
		case own[key.Value]:
			r.Errorf(key, "duplicate field %q in %s", key.Value, w.of)
		default:
			own[key.Value] = true
			if !w.seen[key.Value] {
				w.seen[key.Value] = true
				w.read(key, value)
			}
		}
	}
	for _, value := range merges {
		w.merge(value.Resolve())
	}
}

// merge reads what a merge key names: a mapping, or a list of them.
func (w *walk) merge(n *Node) {
	r := w.of.reader
	switch {
	case n.Kind == Sequence:
		for item := range n.Items() {
			if item = item.Resolve(); item.Kind == Sequence {
				r.Errorf(item, "a merge key in %s takes mappings, not %s", w.of, item.describe())
				continue
			}
			w.merge(item)
		}
	case n.Kind != Mapping:
		r.Errorf(n, "a merge key in %s takes mappings, not %s", w.of, n.describe())
	case w.merged[n]: // what it has does not count again
	case len(w.merged) >= maxMerged:
		r.Errorf(n, "more than %d mappings are merged into %s", maxMerged, w.of)
	default:
		w.merged[n] = true
		w.mapping(n)
	}
}
