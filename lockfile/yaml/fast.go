package yaml

import "strings"

// fast reads the texts that nearly all manifests are, in one pass, and builds
// the same tree as full. It is false for a text that holds anything else, or
// that may be wrong; what it built then is worth nothing.
//
// What it reads:
//   - UTF-8 with LF or CRLF, perhaps with a byte-order mark at its start;
//   - documents between --- and ... lines that hold nothing more but a comment;
//   - block mappings with keys on one line (plain or quoted, at most 1,024
//     bytes long) and block sequences, also on one line (- - a, - key: value)
//     and at their key's own indentation;
//   - plain scalars on one or more lines, quoted scalars, block scalars;
//   - flow mappings and sequences over any number of lines, whose scalars are
//     quoted or plain on one line and whose keys have a colon, with tabs in
//     their indentation only where no block collection surrounds them;
//   - aliases as values and items, and anchors on values and items behind a
//     colon or dash;
//   - blank lines and comments with a space before them.
//
// What it leaves to full: tags, directives, "? ", keys that are anchored, are
// aliases or collections, tabs in indentation, content on the line of ---,
// pairs without braces in flow sequences, lines that start with --- and are no marker, and
// whatever yaml.v3 would refuse.
func (p *Parser) fast() bool {
	if p.text.exotic || p.text.inner {
		return false
	}
	f := fast{text: &p.text, src: p.text.src, nodes: &p.nodes, anchors: p.anchors[:0]}
	if !f.next(p.text.begin()) {
		return false
	}
	if f.column >= 0 && !f.document(p, 0) {
		return false
	}
	for f.at < len(f.src) {
		marker := f.at
		if !f.endLine(marker + 3) {
			return false
		}
		switch {
		case f.src[marker] == '-':
			if !f.document(p, p.text.documentStart(marker)) {
				return false
			}
		case len(p.docs) == 0 || f.column >= 0:
			return false
		}
	}
	p.anchors = f.anchors
	return true
}

// fast is the state of one pass. Its methods that return a node return nil to
// give up.
type fast struct {
	text    *text
	src     string
	nodes   *slab
	anchors []anchor

	// The next content, beyond comments and blank lines: its offset, and its
	// column, which is -1 at a document marker and at the end of the text.
	at, column int

	indented bool // the flow collection being read stands in a block collection
}

// anchor is an anchor of the document; its node is nil until it is complete.
type anchor struct {
	name string
	node *Node
}

func (f *fast) document(p *Parser, start int) bool {
	f.anchors = f.anchors[:0]
	doc := Document{Start: start}
	if f.column >= 0 {
		if doc.Root = f.block(-1, 1); doc.Root == nil || f.column >= 0 {
			return false
		}
	}
	p.docs = append(p.docs, doc)
	return true
}

// next finds the next content from the line that begins at i. It fails at a
// tab in the indentation and at a directive.
func (f *fast) next(i int) bool {
	s := f.src
	for {
		start := i
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i == len(s) {
			f.at, f.column = i, -1
			return true
		}
		switch s[i] {
		case '\n':
			i++
			continue
		case '\r':
			i += 2
			continue
		case '#':
			i = nextLine(s, i)
			continue
		case '\t':
			return false
		case '%':
			if i == start {
				return false
			}
		case '-', '.':
			if i == start && f.text.markerAt(i) {
				f.at, f.column = i, -1
				return true
			}
			if i == start && strings.HasPrefix(s[i:], "---") {
				return false
			}
		}
		f.at, f.column = i, i-start
		return true
	}
}

// endLine goes to the next content if nothing but a comment stands between i
// and the end of the line.
func (f *fast) endLine(i int) bool {
	if !f.over(i) {
		return false
	}
	return f.next(nextLine(f.src, i))
}

// over tells whether nothing but a comment stands between i and the end of
// the line.
func (f *fast) over(i int) bool {
	j := f.text.skipBlanks(i)
	return j == len(f.src) || f.src[j] == '\n' || f.src[j] == '\r' || f.src[j] == '#' && j > i
}

// blankz is text.blankz for a text that has only ordinary line breaks.
func (f *fast) blankz(i int) bool {
	return i >= len(f.src) || f.src[i] == ' ' || f.src[i] == '\n' || f.src[i] == '\r' ||
		f.src[i] == '\t'
}

// dash tells whether a sequence's dash stands at i.
func (f *fast) dash(i int) bool {
	return i < len(f.src) && f.src[i] == '-' && f.blankz(i+1)
}

// block reads the node at f.at, inside a collection at column parent.
func (f *fast) block(parent, depth int) *Node {
	if depth >= maxDepth {
		return nil
	}
	if f.dash(f.at) {
		return f.sequence(depth)
	}
	switch f.src[f.at] {
	case '[', '{', '|', '>', '*':
		return f.value(f.at, parent, depth)
	}
	n, stop := f.simple(f.at)
	if n == nil {
		return nil
	}
	if f.isKey(n, stop) {
		return f.mapping(n, stop, depth)
	}
	return f.finish(n, stop, parent)
}

// mapping reads the block mapping whose first key was read at f.at, up to the
// colon.
func (f *fast) mapping(key *Node, colon, depth int) *Node {
	column := f.column
	n := f.nodes.next()
	*n = Node{Kind: Mapping, Style: Block, Start: key.Start, FirstChild: key}
	for {
		v := f.content(colon+1, column, depth, true)
		if v == nil || f.column > column {
			return nil
		}
		key.Next = v
		if f.column < column {
			n.End = v.End
			return n
		}
		if key, colon = f.simple(f.at); key == nil || !f.isKey(key, colon) {
			return nil
		}
		v.Next = key
	}
}

// sequence reads the block sequence whose first dash is at f.at.
func (f *fast) sequence(depth int) *Node {
	column := f.column
	n := f.nodes.next()
	*n = Node{Kind: Sequence, Style: Block, Start: f.at}
	for link := &n.FirstChild; ; {
		item := f.item(column, depth)
		if item == nil || f.column > column {
			return nil
		}
		*link, link = item, &item.Next
		if f.column < column || !f.dash(f.at) {
			n.End = item.End
			return n
		}
	}
}

// item reads what stands behind the dash at f.at.
func (f *fast) item(column, depth int) *Node {
	i := f.at + 1
	j := i
	for j < len(f.src) && f.src[j] == ' ' {
		j++
	}
	switch {
	case j < len(f.src) && f.src[j] == '\t':
		return nil
	case f.over(i) || f.src[j] == '&':
		return f.content(i, column, depth, false)
	}
	f.column += j - f.at
	f.at = j
	return f.block(column, depth+1)
}

// content reads what stands behind the colon or dash before i, on its line or
// below, inside a collection at column. Only a mapping's value may be a
// sequence at the same column.
func (f *fast) content(i, column, depth int, value bool) (n *Node) {
	j := f.text.skipBlanks(i)
	name, mark := "", len(f.anchors)
	if j < len(f.src) && f.src[j] == '&' {
		if i = f.name(j + 1); i == j+1 || !f.blankz(i) {
			return nil
		}
		name = f.src[j+1 : i]
		f.anchors = append(f.anchors, anchor{name: name})
		j = f.text.skipBlanks(i)
	}
	switch {
	case !f.over(i):
		n = f.value(j, column, depth)
	case !f.endLine(i):
		return nil
	case f.column > column:
		n = f.block(column, depth+1)
	case value && f.column == column && f.dash(f.at):
		n = f.sequence(depth + 1)
	default:
		n = f.nodes.next()
		*n = Node{Kind: Scalar, Style: Plain, Start: i, End: i}
	}
	if name != "" && n != nil {
		if n.Kind == Alias {
			return nil
		}
		n.Anchor = name
		f.anchors[mark].node = n
	}
	return n
}

// name returns where the anchor's name that begins at i ends.
func (f *fast) name(i int) int {
	for i < len(f.src) && anchorByte(f.src[i]) {
		i++
	}
	return i
}
