package manifest

import (
	"errors"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// maxMerges is how many keys and mappings merge keys may bring into the mappings of a text,
// besides those that its own size accounts for. They are gone through for each look-up.
const maxMerges = 50_000

var (
	errBinary = errors.New("a !!binary value means other text than it shows, and plumb does " +
		"not read it")
	errMerge = errors.New("a merge key behind fields that it brings in as well: kubectl takes " +
		"its values, and kustomize those that stand before it; put it first")
)

// compare says whether a text is read with the consumers' parser as well.
type compare uint8

const (
	never     compare = iota // a template without its actions, or what stands before a fault
	ifChanged                // if keys stand twice in it or are merged
	always
)

// comparing returns how a text is compared that all parsers read alike, if it is plain.
func comparing(plain bool) compare {
	if plain {
		return ifChanged
	}
	return always
}

// resolved is what is wrong with the documents of a text.
type resolved struct {
	fault  error // why they cannot be read as all consumers do, nil if they can
	offset int   // of the fault in the text
	object bool  // consumers read a Kubernetes object from the text
	// tooLarge: they stand for more than can be looked at, and are not to be searched.
	tooLarge bool
}

// resolve makes the documents of a text, which consumers split into parts, read as their
// parser has them.
func (f *finder) resolve(docs []yaml.Document, parts func() []string) (found resolved) {
	r := newResolution(len(f.original))
	// What stands twice in a template may stand behind if and else.
	r.keep = f.filled && f.text == f.file
	for _, d := range docs {
		r.node(d.Root)
	}
	switch {
	case r.tooLarge():
		f.visits = f.limit() + 1
		found.tooLarge = true
	case r.encoded != nil:
		found = resolved{fault: errBinary, offset: r.encoded.Start,
			object: holdsObject(strings.Join(parts(), "\n---\n"))}
	case r.conflict != nil:
		found = resolved{fault: errMerge, offset: r.conflict.Start}
	case f.compare == always || f.compare == ifChanged && r.changed:
		if different, object := differs(parts(), docs); different {
			found = resolved{fault: errDiffers, object: object}
		}
	}
	return found
}

// resolution makes the mappings of a document read as the consumers' parser has them.
type resolution struct {
	// changed: a mapping has a key twice, merges others or has a key that is an alias.
	changed bool
	// encoded is the first node whose text is not what it shows, nil if there is none.
	encoded *yaml.Node
	// conflict is the first key that yaml.v2 takes from a merged mapping, and yaml.v3 from
	// the mapping itself, where an image may depend on it; nil if there is none.
	conflict *yaml.Node
	keep     bool // leave keys that stand twice
	merges   int  // keys that merge keys may still bring in
	compares int  // nodes that may still be compared
}

// newResolution returns what resolves a document of a text of size bytes.
func newResolution(size int) *resolution {
	return &resolution{merges: maxMerges + size/4, compares: maxVisits + size}
}

// tooLarge reports whether the document stands for more than can be looked at.
func (r *resolution) tooLarge() bool { return r.merges < 0 || r.compares < 0 }

// node resolves n and all below it. Behind it no mapping has a key twice: of the values the
// last counts, as for yaml.v2, which is what kubectl, Helm and Argo CD read with.
func (r *resolution) node(n *yaml.Node) {
	if n == nil || r.tooLarge() {
		return
	}
	if n.Tag == "!!binary" && r.encoded == nil {
		r.encoded = n
	}
	switch n.Kind {
	case yaml.Sequence:
		for c := n.FirstChild; c != nil; c = c.Next {
			r.node(c)
		}
	case yaml.Mapping:
		merges := false
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			merges = r.key(k) || merges
			r.node(k.Next)
		}
		if !r.keep {
			r.duplicates(n)
			if merges {
				r.changed = true
				r.overridden(n)
			}
		}
	}
}

// key gives a key the text that it stands for, and reports whether it is a merge key.
func (r *resolution) key(k *yaml.Node) (merge bool) {
	if k.Tag == "!!binary" && r.encoded == nil {
		r.encoded = k
	}
	switch t := target(k); {
	case k.Kind == yaml.Alias && t != nil && t.Kind == yaml.Scalar:
		r.changed = true
		if t.Tag == "!!binary" && r.encoded == nil {
			r.encoded = k
		}
		k.Kind, k.Style, k.Opaque, k.Target = yaml.Scalar, yaml.DoubleQuoted, true, nil
		k.Value = t.Value
		return false
	case k.Kind != yaml.Scalar:
		r.node(k)
		return false
	}
	if k.Value != "<<" {
		return false
	}
	merge = k.Tag == "" && k.Style == yaml.Plain || k.Tag == "!" || k.Tag == "!!merge"
	switch {
	case merge && k.Style != yaml.Plain:
		k.Style, k.Opaque = yaml.Plain, true
	case !merge && k.Style == yaml.Plain:
		k.Style, k.Opaque = yaml.DoubleQuoted, true
	}
	return merge
}

// fewKeys is up to how many keys are compared with one another rather than looked up.
const fewKeys = 12

// duplicates takes the pairs out of m whose key stands there again.
func (r *resolution) duplicates(m *yaml.Node) {
	count, twice := 0, false
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		count++
	}
	if count > fewKeys {
		seen := make(map[string]bool, count)
		for k := m.FirstChild; k != nil && !twice; k = k.Next.Next {
			twice = named(k) && seen[k.Value]
			seen[k.Value] = seen[k.Value] || named(k)
		}
	} else {
		for k := m.FirstChild; k != nil && !twice; k = k.Next.Next {
			for o := k.Next.Next; o != nil && !twice; o = o.Next.Next {
				twice = len(o.Value) == len(k.Value) && o.Value == k.Value && named(k) && named(o)
			}
		}
	}
	if !twice {
		return
	}
	r.changed = true
	last := map[string]*yaml.Node{}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if named(k) {
			last[k.Value] = k
		}
	}
	without(m, func(k *yaml.Node) bool { return named(k) && last[k.Value] != k })
}

// named reports whether k is a key that names a field.
func named(k *yaml.Node) bool { return k.Kind == yaml.Scalar && !isMerge(k) }

// without unlinks the pairs of m whose keys drop chooses.
func without(m *yaml.Node, drop func(k *yaml.Node) bool) {
	for link := &m.FirstChild; *link != nil; {
		if k := *link; drop(k) {
			*link = k.Next.Next
		} else {
			link = &k.Next.Next
		}
	}
}

// overridden takes those keys out of m that a merge key behind them brings in as well:
// yaml.v2 takes what stands later, yaml.v3 and kustomize the mapping's own.
func (r *resolution) overridden(m *yaml.Node) {
	own := map[string]*yaml.Node{}
	dropped := map[*yaml.Node]bool{}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if !isMerge(k) {
			if named(k) {
				own[k.Value] = k
			}
			continue
		}
		var brought []pair
		seen := map[string]bool{}
		visited := map[*yaml.Node]bool{m: true}
		for _, from := range mergeSources(k.Next) {
			brought = collect(from, seen, visited, brought)
		}
		if r.merges -= len(brought) + len(visited); r.tooLarge() {
			return
		}
		for _, p := range brought {
			mine := own[p.key.Value]
			if mine == nil {
				continue
			}
			if r.same(mine.Next, p.value) {
				// An edit of one of the two would make them differ.
				mine.Next.Opaque = true
				p.value.Opaque = true
				continue
			}
			dropped[mine] = true
			if r.conflict == nil && (decides(p.key.Value) || r.concerns(mine.Next) ||
				r.concerns(p.value)) {
				r.conflict = k
			}
		}
	}
	if len(dropped) > 0 {
		without(m, func(k *yaml.Node) bool { return dropped[k] })
	}
}

// same reports whether a and b stand for the same.
func (r *resolution) same(a, b *yaml.Node) bool {
	a, b = target(a), target(b)
	r.compares--
	switch {
	case a == b:
		return true
	case r.compares < 0 || a == nil || b == nil || a.Kind != b.Kind:
		return false
	case a.Kind == yaml.Scalar:
		return a.Value == b.Value && a.IsString() == b.IsString()
	}
	x, y := a.FirstChild, b.FirstChild
	for ; x != nil && y != nil; x, y = x.Next, y.Next {
		if !r.same(x, y) {
			return false
		}
	}
	return x == nil && y == nil
}

// decides reports whether a field of this name holds an image or part of one, or decides
// how others are read.
func decides(key string) bool {
	switch key {
	case "apiVersion", "kind", "items", "data", "stringData", "op", "path", "value", "name", "newName",
		"newTag", "digest", "tag", "repository", "registry", "hub", "version", "sha", "sha256", "url",
		"ref", "package", "reference", "bundle", "helm", "values", "valuesObject", "env", "args",
		"command", "repoURL", "targetRevision", "revision", "branch", "commit", "repo", "chart", "uri":
		return true
	}
	return strings.Contains(key, "mage") || strings.Contains(key, "IMAGE") ||
		strings.Contains(key, "ontainer")
}

// concerns reports whether an image may stand in n or below it.
func (r *resolution) concerns(n *yaml.Node) bool {
	n = target(n)
	r.compares--
	switch {
	case n == nil || r.compares < 0:
		return false
	case n.Kind == yaml.Scalar:
		return strong(n.Value) || strings.IndexByte(n.Value, '\n') >= 0
	}
	mapping := n.Kind == yaml.Mapping
	for c := n.FirstChild; c != nil; c = c.Next {
		if mapping {
			if decides(c.Value) && c.Value != "name" && c.Value != "value" {
				return true
			}
			c = c.Next
		}
		if r.concerns(c) {
			return true
		}
	}
	return false
}
