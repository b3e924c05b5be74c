package lockfile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	header  = "# plumb.lock: what this tree's external inputs are, by content. Written by plumb; commit it.\n"
	version = "version: 1\n"
)

// Format returns the lock's one canonical text. The lock must be sorted.
func (l *Lock) Format() []byte {
	b := make([]byte, 0, 512+600*len(l.Entries))
	b = append(b, header...)
	b = append(b, version...)
	if len(l.Entries) == 0 {
		return append(b, "entries: []\n"...)
	}
	b = append(b, "entries:\n"...)
	for i := range l.Entries {
		b = appendEntry(b, &l.Entries[i])
	}
	return b
}

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, "  - "...)
	b = appendField(b, string(e.Kind), e.Name)
	if e.Kind == Git {
		b = appendField(append(b, "    "...), "ref", e.Ref)
		b = appendField(append(b, "    "...), "commit", e.Commit)
	} else {
		b = appendField(append(b, "    "...), "digest", e.Digest)
		if e.MediaType != "" {
			b = appendField(append(b, "    "...), "mediaType", e.MediaType)
		}
	}
	if len(e.Platforms) > 0 {
		b = append(b, "    platforms:\n"...)
		for _, p := range e.Platforms {
			b = append(b, "      - "...)
			b = append(b, p.Platform...)
			b = append(b, " manifest "...)
			b = append(b, p.Manifest...)
			if p.Config != "" {
				b = append(b, " config "...)
				b = append(b, p.Config...)
			}
			b = append(b, '\n')
		}
	}
	if len(e.Verified) > 0 {
		b = append(b, "    verified:\n"...)
		for _, v := range e.Verified {
			b = appendField(append(b, "      - "...), "policy", v.Policy)
			b = appendField(append(b, "        "...), "authority", v.Authority)
			b = appendField(append(b, "        "...), "signer", v.Signer)
			b = appendField(append(b, "        "...), "evidence", v.Evidence)
		}
	}
	return b
}

func appendField(b []byte, key, value string) []byte {
	b = append(b, key...)
	b = append(b, ": "...)
	if plainSafe(value) {
		b = append(b, value...)
	} else {
		b = appendQuoted(b, value)
	}
	return append(b, '\n')
}

// plainSafe reports whether every YAML reader takes the bare text s as the
// string s: printable ASCII that begins with a letter, is no word that YAML 1.1
// reads otherwise, and holds no mark of a comment or a mapping.
func plainSafe(s string) bool {
	if s == "" || !letter(s[0]) && !commitLike(s) || s[len(s)-1] == ':' || s[len(s)-1] == ' ' {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c > '~':
			return false
		case c == ':' && s[i+1] == ' ', c == ' ' && s[i+1] == '#':
			return false
		}
	}
	if len(s) > 5 {
		return true
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}

// commitLike reports whether s is a commit that no YAML reader takes for a
// number, as it would 40 decimal digits or "12e34".
func commitLike(s string) bool {
	return len(s) >= 40 && isHex(s) && strings.ContainsAny(s, "acdf")
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// appendQuoted writes s as a YAML double-quoted scalar (YAML 1.2, section
// 5.7) in ASCII.
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

// unquote reads what appendQuoted wrote; ok is false for anything else.
func unquote(s string) (text string, ok bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		digits := map[byte]int{'u': 4, 'U': 8}[s[i]]
		if digits == 0 {
			b.WriteByte(s[i])
			continue
		}
		if len(s) < i+1+digits {
			return "", false
		}
		var r rune
		if _, err := fmt.Sscanf(s[i+1:i+1+digits], "%x", &r); err != nil || !utf8.ValidRune(r) {
			return "", false
		}
		b.WriteRune(r)
		i += digits
	}
	return b.String(), true
}
