package cli

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// ellipsis is what stands for the part of a text that is cut.
const ellipsis = "…"

// TextWidth is the number of columns that a terminal shows a line of text in: two for a
// wide character of East Asian scripts and for an emoji, none for a mark that is combined
// with the character before it.
func TextWidth(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			n := i
			for _, r := range text[i:] {
				n += runeWidth(r)
			}
			return n
		}
	}
	return len(text)
}

func runeWidth(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r >= 0x1160 && r <= 0x11ff {
		return 0 // the second half of a Hangul syllable that is written in parts, too
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// CutEnd is text in at most columns, cut at its end where it is longer.
func CutEnd(text string, columns int) string {
	if TextWidth(text) <= columns {
		return text
	}
	if columns < 1 {
		return ""
	}
	return head(text, columns-1) + ellipsis
}

// CutMiddle is text in at most columns, cut in its middle where it is longer. More is
// kept of its end, which tells names apart.
func CutMiddle(text string, columns int) string {
	if TextWidth(text) <= columns {
		return text
	}
	if columns < 1 {
		return ""
	}
	start := head(text, (columns-1)/2)
	return start + ellipsis + tail(text, columns-1-TextWidth(start))
}

// head is what fits columns of the start of a text.
func head(text string, columns int) string {
	for i, r := range text {
		if columns -= runeWidth(r); columns < 0 {
			return text[:i]
		}
	}
	return text
}

// tail is what fits columns of the end of a text. It begins with a character, never with
// a mark for the one before.
func tail(text string, columns int) string {
	start := len(text)
	for i := len(text); i > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		i -= size
		w := runeWidth(r)
		if columns -= w; columns < 0 {
			break
		}
		if w > 0 {
			start = i
		}
	}
	return text[start:]
}
