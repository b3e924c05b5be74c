package yaml

import "strings"

// flow reads the flow collection whose bracket stands at i.
func (f *fast) flow(i, depth int) *Node {
	if depth >= maxDepth {
		return nil
	}
	n := f.nodes.next()
	*n = Node{Kind: Sequence, Style: Flow, Start: i}
	closing := byte(']')
	if f.src[i] == '{' {
		n.Kind, closing = Mapping, '}'
	}
	for link := &n.FirstChild; ; {
		if i = f.gap(i + 1); i == len(f.src) {
			return nil
		}
		if f.src[i] == closing {
			n.End = i + 1
			return n
		}
		if n.Kind == Mapping {
			key, colon := f.flowKey(i)
			if key == nil {
				return nil
			}
			*link, link = key, &key.Next
			i = colon
		}
		v := f.flowValue(i, depth, n.Kind == Mapping)
		if v == nil {
			return nil
		}
		*link, link = v, &v.Next
		if i = f.gap(v.End); i == len(f.src) {
			return nil
		}
		if f.src[i] == closing {
			n.End = i + 1
			return n
		}
		if f.src[i] != ',' {
			return nil
		}
	}
}

// gap is text.gap for the inside of a flow collection. At what fast does not
// read it returns the length of the text.
func (f *fast) gap(i int) int {
	s, newLine := f.src, false
	for ; i < len(s); i++ {
		switch s[i] {
		case ' ', '\r':
		case '\t':
			// Behind a plain scalar yaml.v3 minds the block's indentation.
			if newLine && f.indented {
				return len(s)
			}
		case '\n':
			newLine = true
			if i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\n' {
				continue
			}
			if s[i+1] == '%' || f.text.markerAt(i+1) || strings.HasPrefix(s[i+1:], "---") {
				return len(s)
			}
		case '#':
			if c := s[i-1]; c != ' ' && c != '\t' && c != '\n' {
				return len(s)
			}
			end := strings.IndexByte(s[i:], '\n')
			if end < 0 {
				return len(s)
			}
			i += end - 1
		default:
			return i
		}
	}
	return i
}

// flowKey reads a key and finds its colon, on the same line.
func (f *fast) flowKey(i int) (key *Node, colon int) {
	key = f.flowScalar(i)
	if key == nil {
		return nil, 0
	}
	colon = f.text.skipBlanks(key.End)
	if colon == len(f.src) || f.src[colon] != ':' || key.Style == Plain && !f.blankz(colon+1) ||
		!f.keyText(key, colon) {
		return nil, 0
	}
	return key, colon
}

// flowValue reads an item at i, or the value behind the colon at i.
func (f *fast) flowValue(i, depth int, colon bool) *Node {
	if colon {
		behind := i + 1
		if i = f.gap(behind); i == len(f.src) {
			return nil
		}
		if f.src[i] == ',' || f.src[i] == '}' {
			n := f.nodes.next()
			*n = Node{Kind: Scalar, Style: Plain, Start: behind, End: behind}
			return n
		}
	}
	switch f.src[i] {
	case '[', '{':
		return f.flow(i, depth+1)
	case '*':
		return f.alias(i)
	}
	return f.flowScalar(i)
}

// flowScalar reads a quoted scalar, or a plain one on one line.
func (f *fast) flowScalar(i int) *Node {
	if quote(f.src[i]) {
		n, _ := f.simple(i)
		return n
	}
	s, start := f.src, i
	if class[s[i]]&noPlain != 0 || s[i] == '-' && (f.blankz(i+1) || class[s[i+1]]&flowStop != 0) {
		return nil
	}
scan:
	for ; i < len(s); i++ {
		if class[s[i]]&flowStop == 0 {
			continue
		}
		switch s[i] {
		case '[', '{', '?':
			return nil
		case ':':
			if f.blankz(i + 1) {
				break scan
			}
			if c := s[i+1]; class[c]&flowStop != 0 && c != ':' && c != '#' {
				return nil
			}
		case '#':
			if s[i-1] == ' ' || s[i-1] == '\t' {
				break scan
			}
		default:
			break scan
		}
	}
	end := f.trim(start, i)
	n := f.nodes.next()
	*n = Node{Kind: Scalar, Style: Plain, Start: start, End: end, Value: s[start:end]}
	return n
}
