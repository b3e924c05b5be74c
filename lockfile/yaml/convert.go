package yaml

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// converter turns yaml.v3's nodes into ours. yaml.v3 says only where a node
// begins, in lines and characters, and that with its decoration (tag and
// anchor), or not at all for an absent value. So the converter goes through the
// text beside the tree: it reads again what stands between the nodes, and each
// scalar, and believes a place only if what it reads there is what yaml.v3
// read. All else becomes Opaque.
type converter struct {
	text     *text
	nodes    *slab
	lines    *lineIndex
	pos      int                  // behind what was read last
	finished map[*yaml.Node]*Node // anchored nodes of this document that are complete
}

func (c *converter) document(y *yaml.Node) (Document, error) {
	t := c.text
	start := c.lines.at(y.Line, y.Column)
	for start < len(t.src) && t.src[start] == '%' {
		start = c.nextMarker(start)
	}
	var doc Document
	if c.lines.indent(start) == 0 && strings.HasPrefix(t.src[start:], "---") && t.blankz(start+3) {
		c.pos = start + 3
		doc.Start = t.documentStart(start)
	} else {
		c.pos = t.begin()
	}
	if len(y.Content) == 0 || c.absent(y.Content[0], true) {
		return doc, nil
	}
	root, err := c.node(y.Content[0], -1, 1)
	doc.Root = root
	return doc, err
}

// nextMarker finds the --- behind the directive at i.
func (c *converter) nextMarker(i int) int {
	for i < len(c.text.src) {
		i = c.text.lineEnd(i)
		i += c.text.breakAt(i)
		if strings.HasPrefix(c.text.src[i:], "---") {
			return i
		}
	}
	return i
}

// documentStart is where the text of the document begins whose --- is at i.
func (t *text) documentStart(i int) int {
	i += len("---")
	j := t.skipBlanks(i)
	if j < len(t.src) && t.src[j] == '#' {
		j = t.lineEnd(j)
	}
	if w := t.breakAt(j); w > 0 || j == len(t.src) {
		return j + w
	}
	return i
}

// gap returns the first offset from i that is neither space, line break nor
// comment. It is only called between two nodes, where every # is a comment's.
func (t *text) gap(i int) int {
	for {
		i = t.skipBlanks(i)
		if i < len(t.src) && t.src[i] == '#' {
			i = t.lineEnd(i)
		}
		w := t.breakAt(i)
		if w == 0 {
			return i
		}
		i += w
	}
}

// at tells whether byte b stands at i.
func (t *text) at(i int, b byte) bool { return i < len(t.src) && t.src[i] == b }

// absent tells whether y stands for no text at all: "key:" without a value.
// indicated says that the dash or colon before it was found.
func (c *converter) absent(y *yaml.Node, indicated bool) bool {
	const written = yaml.TaggedStyle | yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle |
		yaml.LiteralStyle | yaml.FoldedStyle
	if y.Kind != yaml.ScalarNode || y.Value != "" || y.Anchor != "" || y.Style&written != 0 {
		return false
	}
	// The tag "!" is the one decoration that yaml.v3 does not report.
	i := c.text.gap(c.pos)
	return !indicated || !c.text.at(i, '!') || c.lines.at(y.Line, y.Column) != i
}

// child converts y, which may be absent.
func (c *converter) child(y *yaml.Node, indent, depth int, indicated bool) (*Node, error) {
	if c.absent(y, indicated) {
		n := c.nodes.next()
		*n = Node{Kind: Scalar, Style: Plain, Start: c.pos, End: c.pos, Opaque: !indicated}
		return n, nil
	}
	n, err := c.node(y, indent, depth)
	if n != nil && !indicated {
		n.Opaque = true
	}
	return n, err
}

// node converts a node that is written, inside a block collection at column
// indent (-1: none).
func (c *converter) node(y *yaml.Node, indent, depth int) (*Node, error) {
	start := c.lines.at(y.Line, y.Column)
	if depth > maxDepth && (y.Kind == yaml.MappingNode || y.Kind == yaml.SequenceNode) {
		return nil, &SyntaxError{Offset: start, Msg: fmt.Sprintf("nested more than %d deep",
			maxDepth)}
	}
	n := c.nodes.next()
	*n = Node{Opaque: start < c.pos}
	i, end := c.decoration(n, y, start, indent)
	c.pos = max(c.pos, end)
	var err error
	switch y.Kind {
	case yaml.ScalarNode:
		c.scalar(n, y, i, end, indent)
	case yaml.AliasNode:
		err = c.alias(n, y, i)
	case yaml.MappingNode:
		err = c.collection(n, y, i, indent, depth, Mapping)
	default:
		err = c.collection(n, y, i, indent, depth, Sequence)
	}
	if y.Anchor != "" {
		c.finished[y] = n
	}
	c.pos = max(c.pos, n.End)
	return n, err
}

// decoration reads the tag and anchor of y at start, inside a block collection
// at column indent. It returns where the content begins, and where the
// decoration ends.
func (c *converter) decoration(n *Node, y *yaml.Node, start, indent int) (content, end int) {
	t := c.text
	stop := -1 // where a mapping's first key begins, whose decoration is its own
	if y.Kind == yaml.MappingNode && len(y.Content) > 0 {
		stop = c.lines.at(y.Content[0].Line, y.Content[0].Column)
	}
	content, end = start, start
	for {
		var b byte
		if content < len(t.src) && content != stop {
			b = t.src[content]
		}
		i := content
		switch {
		case b == '&' && n.Anchor == "":
			for i++; i < len(t.src) && anchorByte(t.src[i]); i++ {
			}
			n.Anchor = t.src[content+1 : i]
		case b == '!' && n.Tag == "":
			for !t.blankz(i) {
				i++
			}
			n.Tag = t.src[content:i]
		default:
			tagged := y.Style&yaml.TaggedStyle != 0
			n.Opaque = n.Opaque || n.Anchor != y.Anchor || n.Tag == "" && tagged
			if tagged {
				n.Tag = y.Tag // whose handle and escapes are resolved
			}
			return content, end
		}
		end = i
		if content = t.gap(end); content != t.skipBlanks(end) && c.lines.indent(content) <= indent {
			stop = content // the next key, which may have a decoration too
		}
	}
}

// anchorByte tells whether b may be part of an anchor's name; yaml.v3 takes
// fewer characters than YAML has.
func anchorByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '_' ||
		b == '-'
}

// scalar reads the scalar y again, whose content begins at i and whose
// decoration ends at end.
func (c *converter) scalar(n *Node, y *yaml.Node, i, end, indent int) {
	n.Kind, n.Style, n.Value = Scalar, scalarStyle(y.Style), y.Value
	n.Start, n.End = i, i
	t, value, ok := c.text, "", false
	switch {
	case n.Style == Plain && y.Value == "":
		n.Start, n.End = end, end
		return
	case n.Style == Plain:
		n.End, ok = t.matchPlain(i, y.Value)
		if value = y.Value; ok && t.src[i:n.End] == value {
			value = t.src[i:n.End] // the same bytes, but kept alive once
		}
	case n.Style == DoubleQuoted && t.at(i, '"'), n.Style == SingleQuoted && t.at(i, '\''):
		value, n.End, ok = t.quoted(i)
	case n.Style == Literal && t.at(i, '|'), n.Style == Folded && t.at(i, '>'):
		var b blockScalar
		b, ok = t.blockScalarAt(i, indent)
		value, n.End = b.value, b.end
	}
	if !ok || value != y.Value {
		n.Opaque, n.End = true, n.Start
		return
	}
	n.Value = value
}

func scalarStyle(s yaml.Style) Style {
	switch {
	case s&yaml.DoubleQuotedStyle != 0:
		return DoubleQuoted
	case s&yaml.SingleQuotedStyle != 0:
		return SingleQuoted
	case s&yaml.LiteralStyle != 0:
		return Literal
	case s&yaml.FoldedStyle != 0:
		return Folded
	}
	return Plain
}

func (c *converter) alias(n *Node, y *yaml.Node, i int) error {
	n.Kind, n.Style, n.Start, n.End, n.Value = Alias, Plain, i, i, y.Value
	if n.Target = c.finished[y.Alias]; n.Target == nil {
		return &SyntaxError{Offset: i,
			Msg: fmt.Sprintf("alias *%s names no finished node of this document", y.Value)}
	}
	if strings.HasPrefix(c.text.src[i:], "*"+y.Value) {
		n.End = i + 1 + len(y.Value)
		n.Value = c.text.src[i+1 : n.End]
	} else {
		n.Opaque = true
	}
	return nil
}
