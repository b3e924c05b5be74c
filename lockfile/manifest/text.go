package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// text is what a tree of nodes was parsed from: a file, or the decoded value
// of a scalar that holds YAML itself, such as a ConfigMap's data.
type text struct {
	src   string
	outer *text      // nil for a file
	node  *yaml.Node // the scalar in outer whose value src is; nil for a piece of it
	base  int        // where in outer a piece starts
	coded bool       // src is encoded in outer, so that none of its bytes are there
}

// span maps [start, end) to offsets in the file; ok is false where the bytes
// there are not the same, as in a scalar with escapes.
func (t *text) span(start, end int) (s, e int, ok bool) {
	if t.outer == nil {
		return start, end, true
	}
	s, e, ok = t.inNode(start, end)
	if !ok {
		return 0, 0, false
	}
	return t.outer.span(s, e)
}

// inNode maps [start, end) to offsets in the outer text.
func (t *text) inNode(start, end int) (s, e int, ok bool) {
	if t.coded {
		return 0, 0, false
	}
	if t.node == nil {
		return t.base + start, t.base + end, true
	}
	n, outer := t.node, t.outer.src
	want := t.src[start:end]
	switch n.Style {
	case yaml.Literal:
		if s, ok = n.SourceOffset(outer, start); !ok {
			return 0, 0, false
		}
		e = s + len(want)
	default:
		raw := outer[n.Start:n.End]
		if off, verbatim := verbatimOffset(raw, n.Value); verbatim {
			s = n.Start + off + start
			e = s + len(want)
			break
		}
		// Escapes and folds move offsets; a token that stands in the scalar
		// exactly once can still be found.
		if want == "" {
			return 0, 0, false
		}
		i := strings.Index(raw, want)
		if i < 0 || strings.LastIndex(raw, want) != i || strings.Count(n.Value, want) != 1 {
			return 0, 0, false
		}
		s = n.Start + i
		e = s + len(want)
	}
	if e > len(outer) || outer[s:e] != want {
		return 0, 0, false
	}
	return s, e, true
}

// verbatimOffset reports whether raw, a scalar as written, holds value
// unchanged but for its quotes, and at which offset.
func verbatimOffset(raw, value string) (int, bool) {
	if raw == value {
		return 0, true
	}
	if len(raw) == len(value)+2 && raw[1:len(raw)-1] == value {
		return 1, true
	}
	return 0, false
}

// offset is the best known place in the file of offset i: exact where the
// bytes are the same, else that of the scalar which holds it.
func (t *text) offset(i int) int {
	for t.outer != nil {
		j, _, ok := t.inNode(i, min(i+1, len(t.src)))
		if !ok && t.node != nil {
			j = t.node.Start
		}
		i, t = j, t.outer
	}
	return i
}

// part maps value[i:j] of the scalar n to offsets in the file.
func (t *text) part(n *yaml.Node, i, j int) (s, e int, ok bool) {
	if n.Kind != yaml.Scalar || n.Opaque {
		return 0, 0, false
	}
	if n.Style == yaml.Literal || n.Style == yaml.Folded {
		inner := text{src: n.Value, outer: t, node: n}
		if i == j {
			return inner.point(i)
		}
		return inner.span(i, j)
	}
	raw := t.src[n.Start:n.End]
	from, to := 0, len(raw)
	if n.Style != yaml.Plain {
		from, to = 1, len(raw)-1
	}
	if from > to {
		return 0, 0, false
	}
	tail := n.Value[i:]
	switch content := raw[from:to]; {
	case content == n.Value:
		s = n.Start + from + i
	case strings.HasSuffix(content, tail):
		// The head may be escaped or folded; only the tail is touched.
		s = n.Start + to - len(tail)
	default:
		return 0, 0, false
	}
	return t.span(s, s+j-i)
}

// point maps the place just behind byte i-1, so that text can go in there.
func (t *text) point(i int) (s, e int, ok bool) {
	if i == 0 {
		return 0, 0, false
	}
	_, s, ok = t.span(i-1, i)
	return s, s, ok
}
