package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Columns is the width of a stream that is a terminal: what COLUMNS in the environment
// says, else what the terminal says, else that of a page. It is 0 of any other stream.
func Columns(stream any, getenv func(string) string) int {
	if !IsTerminal(stream) {
		return 0
	}
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(int(stream.(*os.File).Fd())); err == nil && n > 0 {
		return n
	}
	return pageWidth
}

// SanitizeTerminal makes text from files and registries fit for a terminal: what would
// steer it, or turn the order of what it shows, is spelled out instead.
func SanitizeTerminal(text string) string {
	if printable(text) || !strings.ContainsFunc(text, steers) {
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

// printable reports whether text is ASCII that any terminal shows as it is, as nearly all
// text is.
func printable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// steers reports whether a terminal would act on r rather than show it. Lines and
// tabs are text.
func steers(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// SanitizeCell makes text from files and registries fit for a cell of a table: as
// SanitizeTerminal does, and on one line.
func SanitizeCell(text string) string {
	if printable(text) {
		return text
	}
	if strings.ContainsAny(text, "\n\t") {
		text = strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(text)
	}
	return SanitizeTerminal(text)
}
