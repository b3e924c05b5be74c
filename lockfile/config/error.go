package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Error is one thing that is wrong with a plumb.yaml.
type Error struct {
	File         string
	Line, Column int // 1-based; columns count bytes; Column is 0 where only the line is known
	Msg          string
}

// Error returns the position and the message.
func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// ErrorList is all that is wrong with a plumb.yaml, in order of position.
type ErrorList []*Error

// Error returns one line for each error.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors.
func (l ErrorList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

func (l ErrorList) sort() {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// position translates a line and a column as the YAML parser counts them to
// those that editors show. The parser ends lines at NEL and the Unicode
// separators too, counts code points, and does not count a byte order mark.
func position(data []byte, line, column int) (int, int) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	mark := len(data) - len(text)
	at := 0
	for ; line > 1 && at < len(text); line-- {
		at += breakEnd(text[at:])
	}
	for ; column > 1 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	start := strings.LastIndexByte(text[:at], '\n') + 1
	if start > 0 {
		mark = 0
	}
	return 1 + strings.Count(text[:at], "\n"), 1 + at - start + mark
}

// breakEnd returns the offset behind the first line break in text.
func breakEnd(text string) int {
	at := strings.IndexAny(text, "\n\r\u0085\u2028\u2029")
	if at < 0 {
		return len(text)
	}
	if strings.HasPrefix(text[at:], "\r\n") {
		return at + 2
	}
	_, size := utf8.DecodeRuneInString(text[at:])
	return at + size
}

// nearest returns the one of names that word is likely a slip for, or "".
func nearest(word string, names []string) string {
	best, least := "", 3 // at most two letters off
	for _, name := range names {
		if strings.EqualFold(word, name) {
			return name
		}
		if d := distance(word, name); d < least && d < len(name)/2+1 {
			best, least = name, d
		}
	}
	return best
}

// distance is the number of letters to add, drop or change to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
