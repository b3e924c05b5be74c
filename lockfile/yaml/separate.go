package yaml

import (
	"strings"
	"unicode"
)

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
