package manifest

import "strings"

// withoutSurrogates replaces, byte for byte, the pairs of escapes by which JSON
// writes what lies beyond U+FFFF (RFC 8259, section 7), and which YAML refuses,
// with escapes that both take. No name, and no key that matters, holds such a
// character, so nothing is found or missed by it.
func withoutSurrogates(src string) string {
	var out []byte
	for i := 0; ; {
		at := strings.Index(src[i:], `\u`)
		if at < 0 {
			break
		}
		at += i
		i = at + 2
		if !surrogate(src[at:], "89abAB") || !surrogate(src[min(at+6, len(src)):], "cdefCDEF") ||
			escaped(src, at) {
			continue
		}
		if out == nil {
			out = []byte(src)
		}
		copy(out[at:], `\u2027\u2027`)
		i = at + 12
	}
	if out == nil {
		return src
	}
	return string(out)
}

// surrogate reports whether s starts with an escape whose second hex digit,
// after a d, is one of those given.
func surrogate(s, second string) bool {
	return len(s) >= 6 && s[0] == '\\' && s[1] == 'u' && (s[2] == 'd' || s[2] == 'D') &&
		strings.IndexByte(second, s[3]) >= 0 &&
		isHexDigit(s[4]) && isHexDigit(s[5])
}

// escaped reports whether the backslash at i is itself escaped by another.
func escaped(s string, i int) bool {
	n := 0
	for i-n > 0 && s[i-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
