package cli

import (
	"fmt"
	"slices"
	"strings"
)

// Count is a number with the noun that fits it: "1 file", "2 files".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Enumerate writes words as prose does: "a, b and c".
func Enumerate(words []string, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}

// NonEmpty are the texts that are not empty.
func NonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// pageWidth is where prose is wrapped, in columns.
const pageWidth = 80

// Wrap breaks prose into lines of at most 80 columns.
func Wrap(text string) string { return WrapAt(text, pageWidth) }

// WrapAt breaks prose into lines of at most width columns. A longer word has a line of
// its own.
func WrapAt(text string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		length := TextWidth(word)
		switch {
		case i == 0:
		case column+1+length > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}
