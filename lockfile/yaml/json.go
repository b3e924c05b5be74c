package yaml

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// json reads a text that holds JSON objects and lists and nothing else. What it built is
// worth nothing if it is false.
func (p *Parser) json() bool {
	p.docs = p.docs[:0]
	p.nodes.reset()
	j := jsonReader{src: p.text.src, nodes: &p.nodes, text: &p.text}
	for i := j.between(p.text.begin()); i < len(j.src); {
		if j.src[i] != '{' && j.src[i] != '[' {
			return false
		}
		n := j.value(i, 1)
		if n == nil {
			return false
		}
		p.docs = append(p.docs, Document{Root: n, Start: i})
		i = j.between(n.End)
	}
	return len(p.docs) > 0
}

// jsonReader reads JSON as Go's encoding/json takes it, with the limits of this package.
type jsonReader struct {
	src   string
	nodes *slab
	text  *text
}

// space returns the first offset from i that holds no white space.
func (j *jsonReader) space(i int) int {
	for i < len(j.src) && (j.src[i] == ' ' || j.src[i] == '\n' || j.src[i] == '\t' ||
		j.src[i] == '\r') {
		i++
	}
	return i
}

// between is space for what may stand between two values, which has lines of --- as well.
func (j *jsonReader) between(i int) int {
	for {
		i = j.space(i)
		if !strings.HasPrefix(j.src[i:], "---") || i > 0 && j.src[i-1] != '\n' {
			return i
		}
		end := nextLine(j.src, i)
		if strings.TrimSpace(j.src[i+3:end]) != "" {
			return i
		}
		i = end
	}
}

// value reads the value at i. It returns nil where there is none.
func (j *jsonReader) value(i, depth int) *Node {
	if i >= len(j.src) || depth > maxDepth {
		return nil
	}
	switch j.src[i] {
	case '{', '[':
		return j.collection(i, depth)
	case '"':
		return j.str(i)
	}
	return j.literal(i)
}

// collection reads the object or list at i.
func (j *jsonReader) collection(i, depth int) *Node {
	n := j.nodes.next()
	*n = Node{Kind: Sequence, Style: Flow, Start: i}
	closing := byte(']')
	if j.src[i] == '{' {
		n.Kind, closing = Mapping, '}'
	}
	i = j.space(i + 1)
	if i < len(j.src) && j.src[i] == closing {
		n.End = i + 1
		return n
	}
	for link := &n.FirstChild; ; i = j.space(i + 1) {
		if n.Kind == Mapping {
			if i >= len(j.src) || j.src[i] != '"' {
				return nil
			}
			key := j.str(i)
			if key == nil {
				return nil
			}
			*link, link = key, &key.Next
			if i = j.space(key.End); i >= len(j.src) || j.src[i] != ':' {
				return nil
			}
			i = j.space(i + 1)
		}
		v := j.value(i, depth+1)
		if v == nil {
			return nil
		}
		*link, link = v, &v.Next
		if i = j.space(v.End); i >= len(j.src) {
			return nil
		}
		if j.src[i] == closing {
			n.End = i + 1
			return n
		}
		if j.src[i] != ',' {
			return nil
		}
	}
}

// str reads the string whose quote is at i.
func (j *jsonReader) str(i int) *Node {
	n := j.nodes.next()
	*n = Node{Kind: Scalar, Style: DoubleQuoted, Start: i}
	from := i + 1
	for i = from; i < len(j.src); i++ {
		switch c := j.src[i]; {
		case c == '"':
			n.Value, n.End = j.src[from:i], i+1
			return n
		case c < ' ':
			return nil
		case c == '\\' || c >= utf8.RuneSelf:
			return j.escaped(n, from, i)
		}
	}
	return nil
}

// jsonEscapes maps the letter behind a backslash to what it stands for.
var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n',
	'r': '\r', 't': '\t'}

// escaped reads on at i in the string n, whose text begins at from.
func (j *jsonReader) escaped(n *Node, from, i int) *Node {
	out := append(j.text.scratch[:0], j.src[from:i]...)
	defer func() { j.text.scratch = out }()
	for i < len(j.src) {
		c := j.src[i]
		switch {
		case c == '"':
			n.Value, n.End = j.text.keep(out), i+1
			return n
		case c < ' ':
			return nil
		case c == '\\' && i+1 < len(j.src) && j.src[i+1] == 'u':
			r, ok := j.unit(i)
			if !ok {
				return nil
			}
			i += len(`\u0000`)
			if utf16.IsSurrogate(r) {
				low, ok := j.unit(i)
				if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
					i += len(`\u0000`)
				}
			}
			out = utf8.AppendRune(out, r)
		case c == '\\':
			if i+1 >= len(j.src) || jsonEscapes[j.src[i+1]] == 0 {
				return nil
			}
			out = append(out, jsonEscapes[j.src[i+1]])
			i += 2
		default:
			r, w := utf8.DecodeRuneInString(j.src[i:])
			out = utf8.AppendRune(out, r)
			i += w
		}
	}
	return nil
}

// unit reads the escape \uXXXX at i, which is one unit of UTF-16.
func (j *jsonReader) unit(i int) (r rune, ok bool) {
	if !strings.HasPrefix(j.src[min(i, len(j.src)):], `\u`) || i+6 > len(j.src) {
		return utf8.RuneError, false
	}
	v, err := strconv.ParseUint(j.src[i+2:i+6], 16, 32)
	return rune(v), err == nil
}

// literal reads the number, true, false or null at i.
func (j *jsonReader) literal(i int) *Node {
	end := i
	for end < len(j.src) && strings.IndexByte(" \n\r\t,]}:", j.src[end]) < 0 {
		end++
	}
	switch s := j.src[i:end]; {
	case s == "true", s == "false", s == "null", jsonNumber(s):
		n := j.nodes.next()
		*n = Node{Kind: Scalar, Style: Plain, Start: i, End: end, Value: s}
		return n
	}
	return nil
}

// jsonNumber reports whether s is a number of JSON.
func jsonNumber(s string) bool {
	digits := func() bool {
		n := len(s)
		s = strings.TrimLeft(s, "0123456789")
		return len(s) < n
	}
	s = strings.TrimPrefix(s, "-")
	if strings.HasPrefix(s, "0") {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		if s = rest; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		return digits() && s == ""
	}
	return s == ""
}
