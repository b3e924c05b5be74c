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
	stream, err := f.scanner.inner(f.depth).ParseStream(s)
	if err != nil && holdsCollection(s) {
		f.remark(n, "unreadable", "", "holds a text that cannot be parsed: "+err.Error(), true)
		return
	}
	docs, inner := stream.Documents, &text{src: stream.Text, outer: f.text, node: t}
	if err != nil || !collections(docs) {
		f.suspect(n)
		return
	}
	f.claim(n)
	outer, compared, claimed, anchors, first := f.text, f.compare, f.claimed, f.anchors, len(f.found)
	f.text, f.compare = inner, comparing(stream.Plain)
	// The parser's nodes are used again for the next text, so what is known of
	// them must not outlive this one.
	f.claimed, f.anchors = nil, nil
	parts := func() []string { return documents(s) }
	if r := f.resolve(docs, parts); r.fault != nil {
		f.remarkAt(inner.offset(r.offset), "unreadable", "", "holds a text with "+r.fault.Error(),
			true)
	}
	f.depth++
	for _, d := range docs {
		if d.Root != nil {
			f.anchor(d.Root, inner.src)
			do(f, d.Root)
		}
	}
	f.depth--
	f.settle(f.found[first:])
	for i := range f.found[first:] {
		f.found[first+i].target = nil
	}
	f.text, f.compare, f.claimed, f.anchors = outer, compared, claimed, anchors
}

// collections reports whether at least one document is a mapping or sequence
// and none is a bare scalar, or one is a Kubernetes object.
func collections(docs []yaml.Document) bool {
	some := false
	for _, d := range docs {
		if field(d.Root, "apiVersion") != "" && field(d.Root, "kind") != "" {
			return true
		}
	}
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
