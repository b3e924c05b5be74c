package manifest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// maxDepth and maxVisits bound a walk, which follows aliases: each alias may
// name a collection that holds further aliases, so a small text can stand for
// a tree without end.
const (
	maxDepth  = 1200
	maxVisits = 500_000 // besides those that the text's own size accounts for
)

// step is one element of the path from a resource's root to a node.
type step struct {
	key   string
	index int // of a sequence's item; -1 for a key
}

// render writes a path the way people do: spec.containers[0].image.
func render(path []step) string {
	var b strings.Builder
	for _, s := range path {
		switch {
		case s.index >= 0:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index))
			b.WriteByte(']')
		case strings.ContainsAny(s.key, ".[]\" /") || s.key == "":
			b.WriteString("[" + strconv.Quote(s.key) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.key)
		}
	}
	return b.String()
}

// target follows an alias to what it names.
func target(n *yaml.Node) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.Alias && i < maxDepth; i++ {
		n = n.Target
	}
	return n
}

// pair is a key of a mapping and its value.
type pair struct{ key, value *yaml.Node }

func isMerge(k *yaml.Node) bool {
	return k.Value == "<<" && k.Style == yaml.Plain && k.Kind == yaml.Scalar
}

// merged lists what the merge keys of m bring in: the pairs whose key neither m nor a
// source has that counts for more. Of two merge keys the later one counts for more, as
// for yaml.v2; of the mappings that one names, the earlier one.
func merged(m *yaml.Node) []pair {
	seen := map[string]bool{}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if !isMerge(k) {
			seen[k.Value] = true
		}
	}
	return collectMerges(m, seen, map[*yaml.Node]bool{m: true}, nil)
}

// collect appends the pairs of m and of what it merges whose keys are not in seen, and
// puts their keys there. What is in visited was collected before.
func collect(m *yaml.Node, seen map[string]bool, visited map[*yaml.Node]bool, out []pair) []pair {
	if visited[m] {
		return out
	}
	visited[m] = true
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if !isMerge(k) && !seen[k.Value] {
			seen[k.Value] = true
			out = append(out, pair{k, k.Next})
		}
	}
	return collectMerges(m, seen, visited, out)
}

// collectMerges is collect for what the merge keys of m bring in.
func collectMerges(
	m *yaml.Node, seen map[string]bool, visited map[*yaml.Node]bool, out []pair,
) []pair {
	var merges []*yaml.Node
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if isMerge(k) {
			merges = append(merges, k.Next)
		}
	}
	for _, v := range slices.Backward(merges) {
		for _, from := range mergeSources(v) {
			out = collect(from, seen, visited, out)
		}
	}
	return out
}

// mergeSources lists the mappings that a merge key's value names.
func mergeSources(v *yaml.Node) []*yaml.Node {
	v = target(v)
	if v == nil {
		return nil
	}
	if v.Kind == yaml.Mapping {
		return []*yaml.Node{v}
	}
	var out []*yaml.Node
	if v.Kind == yaml.Sequence {
		for c := v.FirstChild; c != nil; c = c.Next {
			if t := target(c); t != nil && t.Kind == yaml.Mapping {
				out = append(out, t)
			}
		}
	}
	return out
}

// get returns the value of key in m, or nil; the value may be an alias.
func get(m *yaml.Node, key string) *yaml.Node {
	_, v := lookup(m, key)
	return v
}

// lookup finds key in m, or in what m merges.
func lookup(m *yaml.Node, key string) (k, v *yaml.Node) {
	m = target(m)
	if m == nil || m.Kind != yaml.Mapping {
		return nil, nil
	}
	hasMerge := false
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if k.Kind != yaml.Scalar {
			continue
		}
		if k.Value == key {
			return k, k.Next
		}
		hasMerge = hasMerge || isMerge(k)
	}
	if hasMerge {
		for _, p := range merged(m) {
			if p.key.Value == key && p.key.Kind == yaml.Scalar {
				return p.key, p.value
			}
		}
	}
	return nil, nil
}

// at follows keys from m.
func at(m *yaml.Node, keys ...string) *yaml.Node {
	for _, k := range keys {
		if m = get(m, k); m == nil {
			return nil
		}
	}
	return m
}

// str returns the scalar that n is or names, and its text; "" for anything else.
func str(n *yaml.Node) (*yaml.Node, string) {
	n = target(n)
	if n == nil || n.Kind != yaml.Scalar || isNull(n) {
		return n, ""
	}
	return n, n.Value
}

// text of key in m, or "".
func field(m *yaml.Node, keys ...string) string {
	_, s := str(at(m, keys...))
	return s
}

func isNull(n *yaml.Node) bool {
	if n.Style != yaml.Plain || n.Tag != "" {
		return false
	}
	switch n.Value {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// items calls f with each item of a sequence that n is or names.
func items(n *yaml.Node, f func(i int, item *yaml.Node)) {
	n = target(n)
	if n == nil || n.Kind != yaml.Sequence {
		return
	}
	i := 0
	for c := n.FirstChild; c != nil; c = c.Next {
		f(i, c)
		i++
	}
}

func isMap(n *yaml.Node) bool {
	n = target(n)
	return n != nil && n.Kind == yaml.Mapping
}
