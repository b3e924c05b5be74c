package yaml

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Position turns a byte offset of src into a line and a column as editors and
// git count them: both from 1, lines by LF alone, columns in bytes. An offset
// behind the end counts as the end.
func Position(src string, offset int) (line, column int) {
	offset = min(max(offset, 0), len(src))
	before := src[:offset]
	return 1 + strings.Count(before, "\n"), offset - strings.LastIndexByte(before, '\n')
}

// lineIndex turns the lines and columns that yaml.v3 counts into offsets:
// columns are characters, and every break of YAML 1.1 ends a line.
type lineIndex struct {
	text   *text
	starts []int

	// The last place that was asked for; places come mostly in order.
	line, column, offset int
}

func newLineIndex(t *text) *lineIndex {
	x := &lineIndex{text: t, starts: []int{t.begin()}}
	for i := t.begin(); ; {
		i = t.lineEnd(i)
		if i == len(t.src) {
			return x
		}
		i += t.breakAt(i)
		x.starts = append(x.starts, i)
	}
}

// at returns the offset of a place, both counted from 1; the nearest one for a
// place that does not exist.
func (x *lineIndex) at(line, column int) int {
	line = min(max(line, 1), len(x.starts))
	if line != x.line || column < x.column {
		x.line, x.column, x.offset = line, 1, x.starts[line-1]
	}
	for x.column < column && x.offset < len(x.text.src) {
		_, w := utf8.DecodeRuneInString(x.text.src[x.offset:])
		x.offset += w
		x.column++
	}
	return x.offset
}

// indent returns how many characters stand before offset on its line.
func (x *lineIndex) indent(offset int) int {
	line, exact := slices.BinarySearch(x.starts, offset)
	if exact || line == 0 {
		return 0
	}
	return utf8.RuneCountInString(x.text.src[x.starts[line-1]:offset])
}
