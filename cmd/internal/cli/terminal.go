package cli

import (
	"fmt"
	"strings"
	"unicode"
)

// SanitizeTerminal makes text from files and registries fit for a terminal: what would
// steer it, or turn the order of what it shows, is spelled out instead.
func SanitizeTerminal(text string) string {
	if !strings.ContainsFunc(text, steers) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !steers(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// steers reports whether a terminal would act on r rather than show it. Lines and
// tabs are text.
func steers(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}
