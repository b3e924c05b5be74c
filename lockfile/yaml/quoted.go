package yaml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted decodes the quoted scalar that begins at i, and returns where it
// ends. It fails where yaml.v3 would.
func (t *text) quoted(i int) (value string, end int, ok bool) {
	quote, body := t.src[i], t.src[i+1:]
	j := strings.IndexByte(body, quote)
	if j < 0 {
		return "", 0, false
	}
	s := body[:j]
	escaped := strings.IndexByte(s, '\\') >= 0
	if quote == '\'' {
		escaped = j+1 < len(body) && body[j+1] == '\''
	}
	if escaped || t.exotic || strings.IndexByte(s, '\n') >= 0 {
		return t.quotedSlow(i)
	}
	return s, i + j + 2, true
}

// quotedSlow is quoted for scalars with escapes or more than one line.
func (t *text) quotedSlow(i int) (value string, end int, ok bool) {
	quote := t.src[i]
	out := t.scratch[:0]
	defer func() { t.scratch = out }()
	firm := 0 // what of out came from an escape, and is not trimmed before a break
	for i++; i < len(t.src); {
		c := t.src[i]
		switch {
		case c == quote && c == '\'' && i+1 < len(t.src) && t.src[i+1] == c:
			out = append(out, c)
			i += 2
		case c == quote:
			return t.keep(out), i + 1, true
		case c == '\\' && quote == '"':
			if out, i, ok = t.escape(out, i); !ok {
				return "", 0, false
			}
			firm = len(out)
		case t.breakAt(i) > 0:
			for len(out) > firm && (out[len(out)-1] == ' ' || out[len(out)-1] == '\t') {
				out = out[:len(out)-1]
			}
			out, i = t.fold(out, i)
			firm = len(out)
			if t.lineStart(i) && t.markerAt(i) {
				return "", 0, false
			}
		default:
			start := i
			for i++; i < len(t.src) && class[t.src[i]]&quotedStop == 0; i++ {
			}
			out = append(out, t.src[start:i]...)
		}
	}
	return "", 0, false
}

// lineStart tells whether a line begins at i, which is no line of its own.
func (t *text) lineStart(i int) bool {
	if i == 0 {
		return true
	}
	c := t.src[i-1]
	return c == '\n' || t.exotic && (c == '\r' || c == 0x85 || c == 0xa8 || c == 0xa9)
}

// fold appends what the line breaks from i on stand for, with the blanks
// between and behind them: a space for one break, one break less for more.
func (t *text) fold(out []byte, i int) ([]byte, int) {
	first := t.src[i]
	if first == 0xe2 {
		out = t.appendBreak(out, i)
	}
	i = t.skipBlanks(i + t.breakAt(i))
	more := false
	for w := t.breakAt(i); w > 0; w = t.breakAt(i) {
		out = t.appendBreak(out, i)
		i = t.skipBlanks(i + w)
		more = true
	}
	if !more && first != 0xe2 {
		out = append(out, ' ')
	}
	return out, i
}

// simpleEscapes maps the letter behind a backslash to what it stands for.
var simpleEscapes = [128]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f",
	'r': "\r",
	'e': "\x1b", ' ': " ", '"': "\"", '\'': "'", '\\': "\\", 'N': "\u0085", '_': "\u00a0",
	'L': "\u2028", 'P': "\u2029",
}

// escape decodes the escape sequence at i, or joins the lines where the
// backslash ends one.
func (t *text) escape(out []byte, i int) ([]byte, int, bool) {
	i++
	if w := t.breakAt(i); w > 0 {
		i = t.skipBlanks(i + w)
		for w := t.breakAt(i); w > 0; w = t.breakAt(i) {
			out = t.appendBreak(out, i)
			i = t.skipBlanks(i + w)
		}
		return out, i, !t.lineStart(i) || !t.markerAt(i)
	}
	if i >= len(t.src) || t.src[i] >= utf8.RuneSelf {
		return out, i, false
	}
	c := t.src[i]
	i++
	if s := simpleEscapes[c]; s != "" {
		return append(out, s...), i, true
	}
	digits := 0
	switch c {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits == 0 || i+digits > len(t.src) {
		return out, i, false
	}
	v, err := strconv.ParseUint(t.src[i:i+digits], 16, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return out, i, false
	}
	return utf8.AppendRune(out, rune(v)), i + digits, true
}

// matchPlain tells where the plain scalar that begins at i and means value
// ends.
func (t *text) matchPlain(i int, value string) (end int, ok bool) {
	for len(value) > 0 {
		if i >= len(t.src) {
			return 0, false
		}
		if !t.blankz(i) {
			if t.src[i] != value[0] {
				return 0, false
			}
			i, value = i+1, value[1:]
			continue
		}
		j := t.skipBlanks(i)
		run := t.src[i:j]
		if t.breakAt(j) > 0 {
			t.scratch, j = t.fold(t.scratch[:0], j)
			run = string(t.scratch)
		}
		if !strings.HasPrefix(value, run) {
			return 0, false
		}
		i, value = j, value[len(run):]
	}
	return i, true
}
