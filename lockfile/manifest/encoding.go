package manifest

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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
