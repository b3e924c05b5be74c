package yaml

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const byteOrderMark = "\uFEFF"

// text is a source with what both parsers must know of it, and the memory for
// values that are not a substring of it.
type text struct {
	src string
	// exotic: the source has a line break that is neither LF nor CRLF. YAML
	// 1.1, as yaml.v3 reads it, also has CR, NEL, LS and PS.
	exotic bool
	// inner: the source has a byte-order mark elsewhere than at its start.
	inner bool

	scratch []byte
	kept    *strings.Builder
}

// reset takes a new source. The error is a *SyntaxError for what is no YAML text:
// not UTF-8, or a control character.
func (t *text) reset(src string) error {
	t.src, t.exotic, t.inner = src, false, false
	if strings.HasPrefix(src, "\xff\xfe") || strings.HasPrefix(src, "\xfe\xff") {
		return &SyntaxError{Offset: 0, Msg: "encoded in UTF-16; only UTF-8 is read"}
	}
	for i := t.begin(); ; {
		i += plainASCII(src[i:])
		if i >= len(src) {
			return nil
		}
		w, err := t.inspect(i)
		if err != nil {
			return err
		}
		i += w
	}
}

// begin is where the first line begins: behind the byte-order mark.
func (t *text) begin() int {
	if strings.HasPrefix(t.src, byteOrderMark) {
		return len(byteOrderMark)
	}
	return 0
}

// plainASCII counts the leading bytes that are printable ASCII, tab or LF, in
// steps of eight; the rest is for inspect.
func plainASCII(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		// The top bit of each byte: set in x for non-ASCII; in x+1 for DEL;
		// clear in x+0x60 for a control character; clear in (x^LF)+0x7f for LF.
		bad := x | (x + ones) | ^(x+0x60*ones)&((x^'\n'*ones)+0x7f*ones)
		if bad&high != 0 {
			break
		}
	}
	return i
}

// inspect checks the character at i, notes what is unusual about it, and
// returns its width.
func (t *text) inspect(i int) (int, error) {
	c := t.src[i]
	switch {
	case c == '\t' || c == '\n' || c >= ' ' && c < 0x7f:
		return 1, nil
	case c == '\r':
		if i+1 < len(t.src) && t.src[i+1] == '\n' {
			return 2, nil
		}
		t.exotic = true
		return 1, nil
	case c < utf8.RuneSelf:
		return 0, &SyntaxError{Offset: i, Msg: fmt.Sprintf("control character %#02x at byte %d", c,
			i)}
	}
	r, w := utf8.DecodeRuneInString(t.src[i:])
	switch {
	case r == utf8.RuneError && w == 1:
		return 0, &SyntaxError{Offset: i, Msg: fmt.Sprintf("not UTF-8 at byte %d", i)}
	case r == 0x85 || r == 0x2028 || r == 0x2029:
		t.exotic = true
	case r < 0xa0 || r == 0xfffe || r == 0xffff:
		return 0, &SyntaxError{Offset: i, Msg: fmt.Sprintf("control character %U at byte %d", r, i)}
	case r == 0xfeff:
		t.inner = true
	}
	return w, nil
}

// breakAt returns the width of the line break at i, or 0.
func (t *text) breakAt(i int) int {
	s := t.src
	if i >= len(s) {
		return 0
	}
	switch s[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return 2
		}
		return 1
	case 0xc2:
		if i+1 < len(s) && s[i+1] == 0x85 {
			return 2
		}
	case 0xe2:
		if i+2 < len(s) && s[i+1] == 0x80 && (s[i+2] == 0xa8 || s[i+2] == 0xa9) {
			return 3
		}
	}
	return 0
}

// lineEnd returns the offset of the break that ends the line that i is on.
func (t *text) lineEnd(i int) int {
	if t.exotic {
		for i < len(t.src) && t.breakAt(i) == 0 {
			i++
		}
		return i
	}
	j := strings.IndexByte(t.src[i:], '\n')
	if j < 0 {
		return len(t.src)
	}
	j += i
	if j > i && t.src[j-1] == '\r' {
		j--
	}
	return j
}

// appendBreak appends what the break at i means: LF, unless it is LS or PS.
func (t *text) appendBreak(dst []byte, i int) []byte {
	if t.src[i] == 0xe2 {
		return append(dst, t.src[i:i+3]...)
	}
	return append(dst, '\n')
}

// skipBlanks returns the first offset from i that holds no space or tab.
func (t *text) skipBlanks(i int) int {
	for i < len(t.src) && (t.src[i] == ' ' || t.src[i] == '\t') {
		i++
	}
	return i
}

// blankz tells whether i holds a space, a tab, a line break or the end.
func (t *text) blankz(i int) bool {
	return i >= len(t.src) || t.src[i] == ' ' || t.src[i] == '\t' || t.breakAt(i) > 0
}

// markerAt tells whether a document marker, --- or ..., stands at i, which
// must be the start of a line.
func (t *text) markerAt(i int) bool {
	s := t.src[i:]
	return (strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...")) && t.blankz(i+3)
}

// keep copies b to memory that stays as it is for ever. Small values share a
// chunk, so that a text full of them costs few allocations.
func (t *text) keep(b []byte) string {
	const chunk = 64 << 10
	if len(b) > chunk/4 {
		return string(b)
	}
	if t.kept == nil || t.kept.Cap()-t.kept.Len() < len(b) {
		t.kept = new(strings.Builder)
		t.kept.Grow(chunk)
	}
	from := t.kept.Len()
	t.kept.Write(b)
	return t.kept.String()[from:]
}
