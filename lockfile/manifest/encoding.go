package manifest

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const byteOrderMark = "\ufeff"

const whyUTF16 = "the file is encoded in UTF-16, and only UTF-8 is edited"

// fromUTF16 returns a text that its byte order mark says to be UTF-16 in UTF-8, as kubectl
// and YAML parsers read it. ok is false for every other text.
func fromUTF16(src string) (text string, ok bool) {
	var high, low int
	switch {
	case strings.HasPrefix(src, "\xfe\xff"):
		low = 1
	case strings.HasPrefix(src, "\xff\xfe"):
		high = 1
	default:
		return "", false
	}
	units := make([]uint16, 0, len(src)/2)
	for i := 2; i+1 < len(src); i += 2 {
		units = append(units, uint16(src[i+high])<<8|uint16(src[i+low]))
	}
	text = string(utf16.Decode(units))
	if len(src)%2 != 0 {
		text += string(utf8.RuneError)
	}
	return text, true
}

// separated returns src with what only the consumers take for a line between two documents
// written so that YAML takes it for one as well, at the same length: kubectl, kustomize and
// Argo CD split a text at lines that start with ---, before they parse the parts, and take a
// byte order mark from the start of each.
func separated(src string) string {
	var out []byte
	for i := 0; ; {
		if !strings.HasPrefix(src[i:], "---") {
			next := strings.Index(src[i:], "\n---")
			if next < 0 {
				break
			}
			i += next + 1
		}
		end := len(src)
		if nl := strings.IndexByte(src[i:], '\n'); nl >= 0 {
			end = i + nl
		}
		blank := separator(src[i+3 : end])
		mark := strings.HasPrefix(src[min(end+1, len(src)):], byteOrderMark)
		if out == nil && (blank > 0 || mark) {
			out = []byte(src)
		}
		for j := range blank {
			out[i+3+j] = ' '
		}
		if mark {
			lineBreak := end
			if src[end-1] == '\r' {
				lineBreak--
			}
			copy(out[lineBreak+len(byteOrderMark):], src[lineBreak:end+1])
			copy(out[lineBreak:], "   ")
		}
		i = min(end+1, len(src))
	}
	if out == nil {
		return src
	}
	return string(out)
}

// separator returns how many bytes behind the dashes of a line have to be blank for YAML
// to read a separator where consumers do.
func separator(rest string) int {
	if rest == "" || rest[0] == ' ' || rest[0] == '\t' || rest == "\r" {
		return 0
	}
	if trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace); trimmed == "" || trimmed[0] == '#' {
		return len(strings.TrimSuffix(rest, "\r"))
	}
	return 0
}
