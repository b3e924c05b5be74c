package manifest

import (
	"slices"
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
	if !f.embedText(&text{src: s, outer: f.text, node: t}, do) {
		f.suspect(n)
		return
	}
	f.claim(n)
}

// embedText searches the documents of inner, a text that stands in a scalar, and reports
// whether it is YAML that can be searched. What is broken YAML is reported.
func (f *finder) embedText(inner *text, do func(*finder, *yaml.Node)) bool {
	n, s := inner.node, inner.src
	if _, cut := f.masked(n); cut || f.depth >= maxEmbedded {
		return false
	}
	stream, err := f.scanner.inner(f.depth).ParseStream(s)
	docs := stream.Documents
	if err != nil && (len(docs) == 0 && readsCollection(s) || !templated(s) && holdsObject(s)) {
		f.remark(n, "unreadable", "", "holds a text that cannot be parsed: "+err.Error(), true)
	}
	if !collections(docs) {
		return false
	}
	inner.src = stream.Text
	f.claim(n)
	outer, compared, claimed, anchors, first := f.text, f.compare, f.claimed, f.anchors, len(f.found)
	f.text, f.compare = inner, comparing(stream.Plain)
	if err != nil {
		f.compare = never
	}
	// The parser's nodes are used again for the next text, so what is known of
	// them must not outlive this one.
	f.claimed, f.anchors = nil, nil
	parts := func() []string { return documents(s) }
	r := f.resolve(docs, parts)
	// What a ConfigMap or Secret holds may be anything, with consumers of its own.
	free := f.res.kind == "ConfigMap" || f.res.kind == "Secret"
	if r.fault != nil && (!free || r.object || objects(docs)) {
		f.remarkAt(inner.offset(r.offset), "unreadable", "", "holds a text with "+r.fault.Error(),
			true)
	}
	if r.tooLarge {
		docs = nil
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
	return true
}

// collections reports whether at least one document is a mapping or sequence
// and none is a bare scalar, or one is a Kubernetes object.
func collections(docs []yaml.Document) bool {
	if objects(docs) {
		return true
	}
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

// objects reports whether a document is a Kubernetes object.
func objects(docs []yaml.Document) bool {
	return slices.ContainsFunc(docs, func(d yaml.Document) bool { return isObject(d.Root) })
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
