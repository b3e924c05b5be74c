package manifest

import (
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// rule is what the catalogue knows of one field: where it stands in the objects of
// some kinds, and what their consumer makes of it. The tables are in the files
// catalogue_*.go.
type rule struct {
	group string // API group; those below it are others
	kinds string // separated by spaces; "" is every kind of the group
	// path from the object's root: "a.b", "a[].b" for the items of a sequence, "a.*" for
	// any key, and "**" for any number of steps.
	path  string
	means meaning
	why   string // why nothing can be written there, for those meanings that need it
}

// meaning searches the field that s is, as its consumer reads it, and reports whether
// nothing else in it is to be searched.
type meaning func(f *finder, s spot) bool

// spot is a field that the catalogue knows: the value v of the key in m, or an item of
// the sequence under key.
type spot struct {
	m   *yaml.Node // nil for an item
	key string
	v   *yaml.Node // may be an alias
	why string
}

// rulePath is a place that is ready to be compared with paths.
type rulePath struct {
	*rule
	kinds, path []string
}

// places has what the catalogue knows by API group, once it is asked for.
var places struct {
	once    sync.Once
	byGroup map[string][]rulePath
}

// catalogue returns the known places by API group.
func catalogue() map[string][]rulePath {
	places.once.Do(func() {
		all := map[string][]rulePath{}
		for _, table := range [][]rule{imagePlaces(), partPlaces(), versionPlaces(),
			otherPlaces(), policyPlaces()} {
			for i := range table {
				p := &table[i]
				all[p.group] = append(all[p.group],
					rulePath{rule: p, kinds: strings.Fields(p.kinds), path: splitPath(p.path)})
			}
		}
		places.byGroup = all
	})
	return places.byGroup
}

// splitPath takes "a[].b" apart into a, [] and b.
func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	var out []string
	for _, s := range strings.Split(path, ".") {
		key, item := strings.CutSuffix(s, "[]")
		if key != "" {
			out = append(out, key)
		}
		if item {
			out = append(out, "[]")
		}
	}
	return out
}

// placesOf returns what the catalogue knows of the objects of a kind.
func placesOf(group, kind string) []rulePath {
	all := catalogue()[group]
	var out []rulePath
	for _, k := range all {
		if len(k.kinds) == 0 || slices.Contains(k.kinds, kind) {
			out = append(out, k)
		}
	}
	return out
}

// leads reports whether a path of the catalogue leads to where steps do.
func leads(path []string, steps []step) bool {
	for len(path) > 0 {
		if path[0] == "**" {
			for i := range len(steps) + 1 {
				if leads(path[1:], steps[i:]) {
					return true
				}
			}
			return false
		}
		if len(steps) == 0 || !steps[0].is(path[0]) {
			return false
		}
		path, steps = path[1:], steps[1:]
	}
	return len(steps) == 0
}

// is reports whether a step is what an element of a path asks for.
func (s step) is(want string) bool {
	if s.index >= 0 {
		return want == "[]"
	}
	return want == "*" || want == s.key
}

// catalogued searches the value v, to which the path leads, as the catalogue says, and
// reports whether nothing is left to search in it.
func (f *finder) catalogued(m *yaml.Node, key string, v *yaml.Node) bool {
	if len(f.places) == 0 || target(v) == nil || f.base > len(f.steps) {
		return false
	}
	for _, k := range f.places {
		if leads(k.path, f.steps[f.base:]) && k.means(f, spot{m, key, v, k.why}) {
			return true
		}
	}
	return false
}

// nameUse is what a consumer makes of a name that stands in one scalar.
type nameUse struct {
	input lockfile.Kind
	// latest says that a name without a tag is that of ":latest", as in a container.
	// Elsewhere the tag stands somewhere else, and nothing is written.
	latest bool
	// either says that the consumer takes a tag or a digest, never both.
	either bool
	fixed  string // why no digest can be written there, "" if it can
	bare   string // where the tag of a name without one stands, "" if that is not known
}

// unknownTag is why a name without a tag is left alone.
const unknownTag = "it has no tag, and plumb does not know which one its consumer takes; " +
	"write NAME:TAG"

// named records the reference that stands in value[i:j] of the scalar n.
func (f *finder) named(n *yaml.Node, i, j int, u nameUse) {
	v := target(n)
	written := v.Value[i:j]
	if f.placeholder(n, written) {
		return
	}
	name := strings.TrimPrefix(written, "oci://")
	r := f.begin(n, u.input, written)
	switch {
	case !u.latest && !tagged(name):
		r.Why = u.bare
		if why := unparsable(name); why != "" {
			r.Why = why
		} else if r.Why == "" {
			r.Why = unknownTag
		}
		f.found = append(f.found, r)
		return
	case u.fixed != "":
		r.Why = u.fixed
		f.end(r, name, site{})
		return
	}
	s := f.inlineSite(v, i, j, name)
	if u.either {
		s.keep, s.tag = s.only, tagSite{state: tagReplaced}
	}
	f.end(r, name, s)
}

// wholly records the reference that n is, and reports whether n is a scalar.
func (f *finder) wholly(n *yaml.Node, u nameUse) bool {
	t, s := str(n)
	if t == nil || t.Kind != yaml.Scalar {
		return false
	}
	if s != "" && !f.claimed[n] {
		f.named(n, 0, len(s), u)
	}
	return true
}
