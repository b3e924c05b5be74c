package yaml

import "strings"

// maxKey is how long a key without "? " may be; YAML counts characters.
const maxKey = 1024

const (
	noPlain    = 1 << iota // cannot begin a plain scalar, or not always
	plainStop              // may end a plain scalar
	flowStop               // may end one in a flow collection
	quotedStop             // may mean something else in a quoted scalar
)

// class says what a byte may mean.
var class = [256]uint8{
	'\n': noPlain | plainStop | flowStop | quotedStop,
	'\r': noPlain | plainStop | flowStop | quotedStop, ' ': noPlain,
	'\t': noPlain, ':': noPlain | plainStop | flowStop, '#': noPlain | plainStop | flowStop,
	',': noPlain | flowStop, '[': noPlain | flowStop, ']': noPlain | flowStop,
	'{': noPlain | flowStop, '}': noPlain | flowStop,
	'?': noPlain | flowStop, '&': noPlain, '*': noPlain, '!': noPlain, '|': noPlain, '>': noPlain,
	'\'': noPlain | quotedStop, '"': noPlain | quotedStop, '\\': quotedStop,
	0xc2: quotedStop, 0xe2: quotedStop, // may begin a line break
	'%': noPlain, '@': noPlain, '`': noPlain,
}

func quote(b byte) bool { return b == '"' || b == '\'' }

// value reads the scalar, alias or flow collection at i, inside a block
// collection at column indent, and goes to the next content.
func (f *fast) value(i, indent, depth int) *Node {
	switch f.src[i] {
	case '[', '{':
		f.indented = indent >= 0
		n := f.flow(i, depth+1)
		if n == nil || !f.endLine(n.End) {
			return nil
		}
		return n
	case '|', '>':
		b, ok := f.text.blockScalarAt(i, indent)
		if !ok || !f.next(b.next) {
			return nil
		}
		n := f.nodes.next()
		*n = Node{Kind: Scalar, Style: Literal, Start: i, End: b.end, Value: b.value}
		if f.src[i] == '>' {
			n.Style = Folded
		}
		return n
	case '*':
		n := f.alias(i)
		if n == nil || !f.endLine(n.End) {
			return nil
		}
		return n
	}
	n, stop := f.simple(i)
	if n == nil {
		return nil
	}
	return f.finish(n, stop, indent)
}

// simple reads a quoted scalar, or the first line of a plain one. It stops at
// what comes next on the line: a colon, a comment or the end of the line.
func (f *fast) simple(i int) (n *Node, stop int) {
	if quote(f.src[i]) {
		value, end, ok := f.text.quoted(i)
		if !ok || f.src[i+1:end-1] != value && strings.Contains(f.src[i:end], "\n---") {
			return nil, 0
		}
		n = f.nodes.next()
		*n = Node{Kind: Scalar, Style: DoubleQuoted, Start: i, End: end, Value: value}
		if f.src[i] == '\'' {
			n.Style = SingleQuoted
		}
		return n, f.text.skipBlanks(end)
	}
	if c := f.src[i]; class[c]&noPlain != 0 && (c != ':' && c != '?' || f.blankz(i+1)) ||
		f.dash(i) {
		return nil, 0
	}
	stop = f.plainStop(i)
	end := f.trim(i, stop)
	n = f.nodes.next()
	*n = Node{Kind: Scalar, Style: Plain, Start: i, End: end, Value: f.src[i:end]}
	return n, stop
}

// plainStop returns where one line of a plain scalar ends: before the break, a
// comment or a colon with a blank behind it.
func (f *fast) plainStop(i int) int {
	s, start := f.src, i
	for ; i < len(s); i++ {
		if class[s[i]]&plainStop == 0 {
			continue
		}
		switch s[i] {
		case ':':
			if f.blankz(i + 1) {
				return i
			}
		case '#':
			if i == start || s[i-1] == ' ' || s[i-1] == '\t' {
				return i
			}
		default:
			return i
		}
	}
	return i
}

// trim returns where the text from i to end ends without blanks.
func (f *fast) trim(i, end int) int {
	for end > i && (f.src[end-1] == ' ' || f.src[end-1] == '\t') {
		end--
	}
	return end
}

// isKey tells whether n, which ended before stop, is a mapping's key.
func (f *fast) isKey(n *Node, stop int) bool {
	return stop < len(f.src) && f.src[stop] == ':' && f.blankz(stop+1) && f.keyText(n, stop)
}

// keyText tells whether the text of n, up to its colon, may be a key: short,
// and on one line.
func (f *fast) keyText(n *Node, colon int) bool {
	return colon-n.Start <= maxKey &&
		(n.Style == Plain || strings.IndexByte(f.src[n.Start:n.End], '\n') < 0)
}

// finish goes to the next content behind the scalar n, and reads the further
// lines of a plain one.
func (f *fast) finish(n *Node, stop, indent int) *Node {
	if n.Style != Plain {
		if !f.endLine(n.End) {
			return nil
		}
		return n
	}
	if stop < len(f.src) && f.src[stop] == ':' || !f.next(nextLine(f.src, stop)) {
		return nil
	}
	if f.column > indent {
		return f.lines(n, stop, indent)
	}
	return n
}

// lines reads a plain scalar of more than one line, the first of which ends
// at i. Lines belong to it that are indented deeper than indent, up to the
// first comment.
func (f *fast) lines(n *Node, i, indent int) *Node {
	t := f.text
	out := append(t.scratch[:0], n.Value...)
	for i < len(f.src) && f.src[i] != '#' {
		folded, j := t.fold(out, i)
		start := strings.LastIndexByte(f.src[:j], '\n') + 1
		if j == len(f.src) || j-start <= indent || f.src[j] == '#' || start == j && t.markerAt(j) {
			break
		}
		if start == j && strings.HasPrefix(f.src[j:], "---") {
			return nil
		}
		if strings.IndexByte(f.src[i:j], '\t') >= 0 {
			return nil
		}
		i = f.plainStop(j)
		if i < len(f.src) && f.src[i] == ':' {
			return nil
		}
		n.End = f.trim(j, i)
		out = append(folded, f.src[j:n.End]...)
	}
	t.scratch = out
	n.Value = t.keep(out)
	if !f.next(nextLine(f.src, i)) {
		return nil
	}
	return n
}

// alias reads the alias at i, which must name a complete node.
func (f *fast) alias(i int) *Node {
	end := f.name(i + 1)
	name := f.src[i+1 : end]
	// A text with very many anchors is left to full, which has an index.
	for k := len(f.anchors) - 1; k >= 0 && len(f.anchors) <= 256; k-- {
		if f.anchors[k].name != name {
			continue
		}
		if f.anchors[k].node == nil {
			return nil
		}
		n := f.nodes.next()
		*n = Node{Kind: Alias, Style: Plain, Start: i, End: end, Value: name,
			Target: f.anchors[k].node}
		return n
	}
	return nil
}
