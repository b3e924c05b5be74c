package admission

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// asYAML writes a JSON object, the bytes of which a scan reads as YAML: characters that
// JSON may carry as they are (RFC 8259, section 7) and YAML may not, or that end a line there
// (YAML 1.1, sections 5.1 and 5.4), are escaped. In JSON they stand in strings alone.
func asYAML(object []byte) []byte {
	at := bytes.IndexFunc(object, foreign)
	if at < 0 {
		return object
	}
	out := bytes.Clone(object[:at])
	for rest := object[at:]; len(rest) > 0; {
		r, width := utf8.DecodeRune(rest)
		if foreign(r) && width > 1 || r == 0x7f {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, rest[:width]...)
		}
		rest = rest[width:]
	}
	return out
}

// foreign reports whether YAML has another use for a character than JSON, or none. What is
// no UTF-8 stays, and cannot be read.
func foreign(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0x2028 || r == 0x2029 || r == 0xfeff ||
		r >= 0xfffe && r <= 0xffff
}
