package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
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

// Table prints rows in columns as wide as their widest cell; the last column
// is as long as it is. The first row is a heading.
func (o *IO) Table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	blank := strings.Repeat(" ", slices.Max(widths)+2)
	var b strings.Builder
	for n, row := range rows {
		b.Reset()
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(blank[:widths[i]-utf8.RuneCountInString(cell)+2])
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 {
			line = o.Bold(line)
		}
		_, _ = io.WriteString(o.Stdout, line+"\n")
	}
}

// pageWidth is where prose is wrapped, in columns.
const pageWidth = 80

// Wrap breaks prose into lines of at most 80 columns.
func Wrap(text string) string { return wrapAt(text, pageWidth) }

// wrapAt breaks prose into lines of at most width columns.
func wrapAt(text string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
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
