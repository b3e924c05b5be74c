package yaml

import "strings"

// blockScalar is what blockScalarAt reads.
type blockScalar struct {
	value string
	end   int // behind the last content line, or behind the header's indicators
	next  int // start of the first line that does not belong to the scalar
}

// header is a block scalar's first line.
type header struct {
	folded bool
	chomp  byte // '+', '-' or 0
	indent int  // the indentation indicator, or 0
	end    int  // behind the indicators
	next   int  // start of the next line
}

// headerAt reads the header whose | or > stands at i.
func (t *text) headerAt(i int) (h header, ok bool) {
	h.folded = t.src[i] == '>'
	for i++; i < len(t.src); i++ {
		c := t.src[i]
		switch {
		case (c == '+' || c == '-') && h.chomp == 0:
			h.chomp = c
			continue
		case c >= '1' && c <= '9' && h.indent == 0:
			h.indent = int(c - '0')
			continue
		}
		break
	}
	h.end = i
	i = t.skipBlanks(i)
	if i < len(t.src) && t.src[i] == '#' {
		i = t.lineEnd(i)
	}
	w := t.breakAt(i)
	h.next = i + w
	return h, w > 0 || i == len(t.src)
}

// blockScalarAt decodes the block scalar whose | or > stands at i, inside a
// block collection at column parent (-1: none). It fails where yaml.v3 would.
func (t *text) blockScalarAt(i, parent int) (b blockScalar, ok bool) {
	h, ok := t.headerAt(i)
	if !ok {
		return b, false
	}
	indent := max(parent, 0) + h.indent
	if h.indent == 0 {
		if indent, ok = t.detectIndent(h.next, parent); !ok {
			return b, false
		}
	}
	out := t.scratch[:0]
	b.end, b.next = h.end, h.next
	text, lead := 0, 0 // length of out behind the last content line; and behind its break
	first, lines := 0, 0
	wasBlank := false
	for {
		p := b.next
		for p-b.next < indent && p < len(t.src) && t.src[p] == ' ' {
			p++
		}
		if p == len(t.src) {
			break
		}
		if w := t.breakAt(p); w > 0 {
			out = t.appendBreak(out, p)
			b.next = p + w
			continue
		}
		if p-b.next < indent {
			ok = t.src[p] != '\t'
			break
		}
		blank := t.src[p] == ' ' || t.src[p] == '\t'
		if h.folded && !wasBlank && !blank && lead > text && out[text] == '\n' {
			out = joinFolded(out, text)
		}
		wasBlank = blank
		b.end = t.lineEnd(p)
		if lines++; lines == 1 {
			first = p
		}
		if b.end < len(t.src) && t.src[b.end] == '\n' {
			out = append(out, t.src[p:b.end+1]...)
			text, lead, b.next = len(out)-1, len(out), b.end+1
			continue
		}
		out = append(out, t.src[p:b.end]...)
		text, lead, b.next = len(out), len(out), b.end
		if w := t.breakAt(b.end); w > 0 {
			out = t.appendBreak(out, b.end)
			lead, b.next = len(out), b.end+w
		}
	}
	t.scratch = out
	b.value = t.chomped(out, h.chomp, text, lead, first, lines)
	return b, ok
}

// chomped cuts the breaks behind the last line, and shares the source's
// memory where it can.
func (t *text) chomped(out []byte, chomp byte, text, lead, first, lines int) string {
	switch chomp {
	case '-':
		out = out[:text]
	case 0:
		out = out[:lead]
	}
	if lines == 1 && strings.HasPrefix(t.src[first:], string(out)) {
		return t.src[first : first+len(out)]
	}
	return t.keep(out)
}

// joinFolded turns the break at out[text], and those behind it, into what a
// folded scalar makes of them.
func joinFolded(out []byte, text int) []byte {
	if len(out) == text+1 {
		out[text] = ' '
		return out
	}
	return append(out[:text], out[text+1:]...)
}

// detectIndent finds the indentation of a block scalar without an indicator.
func (t *text) detectIndent(line, parent int) (indent int, ok bool) {
	widest := max(parent+1, 1)
	for {
		p := line
		for p < len(t.src) && t.src[p] == ' ' {
			p++
		}
		widest = max(widest, p-line)
		if p < len(t.src) && t.src[p] == '\t' {
			return 0, false
		}
		w := t.breakAt(p)
		if w == 0 {
			return widest, true
		}
		line = p + w
	}
}
