package lockfile

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendScalar writes s bare where every YAML reader takes that for the text s,
// and in double quotes otherwise. Whatever s holds, it writes one line of
// printable ASCII.
func appendScalar(b []byte, s string) []byte {
	if isPlain(s) {
		return append(b, s...)
	}
	return appendQuoted(b, s)
}

// isPlain is the rule under "Quoting" in the package comment.
func isPlain(s string) bool {
	if s == "" || !startsPlain(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c > '~':
			return false
		case c == ':' && (i+1 == len(s) || s[i+1] == ' '):
			return false
		case c == ' ' && (i+1 == len(s) || s[i+1] == '#'):
			return false
		}
	}
	return !isReserved(s)
}

// startsPlain reports whether s starts as no YAML number, date or mark does. A
// number has no slash, and none but one marked by "0x" has hex digits other than
// the b of "0b1" and the e of "12e3".
func startsPlain(s string) bool {
	switch {
	case isLetter(s[0]):
		return true
	case !isDigit(s[0]):
		return false
	}
	return strings.IndexByte(s, '/') > 0 || isHex(s) && strings.ContainsAny(s, "acdf")
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// isReserved reports whether YAML 1.1 or 1.2 takes the word s for a boolean or
// null, in any spelling.
func isReserved(s string) bool {
	if len(s) > len("false") {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// appendQuoted writes s as a YAML double-quoted scalar (YAML 1.2, section 7.3.1).
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case ' ' <= r && r <= '~':
			b = append(b, byte(r))
		case r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = fmt.Appendf(b, `\U%08x`, r)
		}
	}
	return append(b, '"')
}

// unquote reads what appendQuoted writes; ok is false for what it never writes.
// It may also take another spelling of the same text.
func unquote(s string) (text string, ok bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		r, size := escape(s[i:])
		if size == 0 {
			return "", false
		}
		b.WriteRune(r)
		s = s[i+size:]
	}
	return b.String(), true
}

// escape reads the escape that s starts with; size 0 says that it is none that
// a lock has.
func escape(s string) (r rune, size int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '"', '\\':
		return rune(s[1]), 2
	case 'u':
		size = len(`\u0000`)
	case 'U':
		size = len(`\U00000000`)
	}
	if size == 0 || len(s) < size {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[2:size], 16, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), size
}

// invisible returns the first character of s that a scalar cannot hold.
func invisible(s string) (r rune, found bool) {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return r, true
		}
	}
	return 0, false
}
