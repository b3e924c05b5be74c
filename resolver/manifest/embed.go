package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/resolver/manifest/syntax"
)

// maxEmbedded is how deep YAML inside YAML is read.
const maxEmbedded = 3

// embed searches the YAML that the scalar n holds as text, with do for the root of
// each document. Text that is no YAML collection is searched as text.
func (f *finder) embed(n *syntax.Node, do func(*finder, *syntax.Node)) {
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
func collections(docs []syntax.Document) bool {
	some := false
	for _, d := range docs {
		if d.Root == nil {
			continue
		}
		if d.Root.Kind == syntax.Scalar || d.Root.Kind == syntax.Alias {
			return false
		}
		some = true
	}
	return some
}

// anchor learns the anchors of a document, if its text has any.
func (f *finder) anchor(root *syntax.Node, src string) {
	if strings.IndexByte(src, '&') < 0 || strings.IndexByte(src, '*') < 0 {
		return
	}
	if f.anchors == nil {
		f.anchors = map[*syntax.Node]anchor{}
	}
	f.countAliases(root, false)
}
