package yaml

import (
	"iter"
	"strings"
)

// Pairs yields the keys and values of a mapping in the order of the text; none
// for any other node.
func (n *Node) Pairs() iter.Seq2[*Node, *Node] {
	return func(yield func(k, v *Node) bool) {
		if n == nil || n.Kind != Mapping {
			return
		}
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			if !yield(k, k.Next) {
				return
			}
		}
	}
}

// Items yields the items of a sequence; none for any other node.
func (n *Node) Items() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n == nil || n.Kind != Sequence {
			return
		}
		for c := n.FirstChild; c != nil; c = c.Next {
			if !yield(c) {
				return
			}
		}
	}
}

// Get returns the value of the first scalar key of a mapping that reads key, or
// nil. It follows neither aliases nor merge keys.
func (n *Node) Get(key string) *Node {
	for k, v := range n.Pairs() {
		if k.Kind == Scalar && k.Value == key {
			return v
		}
	}
	return nil
}

// SourceOffset maps index i of a literal scalar's Value to the offset in src,
// the text n was parsed from; i may be len(Value), which maps to just behind
// the last byte of the Value. It is false for other nodes, for an index out of
// range, and where the scalar has line breaks other than LF and CRLF.
func (n *Node) SourceOffset(src string, i int) (offset int, ok bool) {
	if n.Kind != Scalar || n.Style != Literal || n.Opaque || i < 0 || i > len(n.Value) ||
		n.End > len(src) {
		return 0, false
	}
	line := nextLine(src, n.Start)
	for from := 0; ; {
		text, value := strings.TrimSuffix(lineText(src, line), "\r"), lineText(n.Value, from)
		indent := len(text) - len(value)
		switch {
		case value == "" && i == from && from == len(n.Value):
			return line, true
		case value == "":
			indent = len(text)
		case indent < 0 || text[indent:] != value:
			return 0, false
		}
		if i <= from+len(value) {
			return line + indent + i - from, true
		}
		from += len(value) + 1
		line = nextLine(src, line)
	}
}

// lineText returns the line that begins at i, without its break.
func lineText(s string, i int) string {
	return strings.TrimSuffix(s[i:nextLine(s, i)], "\n")
}

// nextLine returns where the line behind that of i begins.
func nextLine(s string, i int) int {
	if j := strings.IndexByte(s[i:], '\n'); j >= 0 {
		return i + j + 1
	}
	return len(s)
}
