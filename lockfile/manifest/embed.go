package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// maxEmbedded is how deep YAML inside YAML is read.
const maxEmbedded = 3

// embed searches the YAML that the scalar n holds as text, with do for the root of
// each document. Text that is no YAML collection is searched as text.
func (f *finder) embed(n *yaml.Node, do func(*finder, *yaml.Node)) {
	t, s := str(n)
	if s == "" || f.claimed[n] {
		return
	}
	if _, cut := f.masked(t); cut || f.depth >= maxEmbedded {
		f.suspect(n)
		return
	}
	docs, err := f.scanner.inner(f.depth % 100).Parse(s)
	if err != nil || !collections(docs) {
		f.suspect(n)
		return
	}
	f.claim(n)
	outer, claimed, anchors, first := f.text, f.claimed, f.anchors, len(f.found)
	f.text = &text{src: s, outer: outer, node: t}
	// The parser's nodes are used again for the next text, so what is known of
	// them must not outlive this one.
	f.claimed, f.anchors = nil, nil
	f.depth++
	for _, d := range docs {
		if d.Root != nil {
			f.anchor(d.Root, s)
			do(f, d.Root)
		}
	}
	f.depth--
	f.settle(f.found[first:])
	for i := range f.found[first:] {
		f.found[first+i].target = nil
	}
	f.text, f.claimed, f.anchors = outer, claimed, anchors
}

// collections reports whether at least one document is a mapping or sequence
// and none is a bare scalar.
func collections(docs []yaml.Document) bool {
	some := false
	for _, d := range docs {
		if d.Root == nil {
			continue
		}
		if d.Root.Kind == yaml.Scalar || d.Root.Kind == yaml.Alias {
			return false
		}
		some = true
	}
	return some
}

// anchor learns the anchors of a document, if its text has any.
func (f *finder) anchor(root *yaml.Node, src string) {
	if strings.IndexByte(src, '&') < 0 || strings.IndexByte(src, '*') < 0 {
		return
	}
	if f.anchors == nil {
		f.anchors = map[*yaml.Node]anchor{}
	}
	f.countAliases(root, false)
}
