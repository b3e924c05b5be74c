package cli

import (
	"bytes"
	"slices"
	"strings"
)

// tableGap is the number of blanks between two columns of a table.
const tableGap = 2

// Table prints rows in columns as wide as their widest cell; the last column
// is as long as it is. The first row is a heading.
func (o *IO) Table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			widths[i] = max(widths[i], TextWidth(cell))
		}
	}
	blank := strings.Repeat(" ", slices.Max(widths)+tableGap)
	var line []byte
	for n, row := range rows {
		line = line[:0]
		for i, cell := range row {
			line = append(line, cell...)
			if i < len(row)-1 {
				line = append(line, blank[:widths[i]-TextWidth(cell)+tableGap]...)
			}
		}
		line = bytes.TrimRight(line, " ")
		if n == 0 {
			line = []byte(o.Bold(string(line)))
		}
		line = append(line, '\n')
		_, _ = o.Stdout.Write(line)
	}
}

// A Cell is a text of one line on a terminal, and how it is shown.
type Cell struct {
	// At is the column, counted from 0, at which the text begins, where those before it
	// leave room for that.
	At    int
	Text  string
	Style Style
}

// Line is a line of cells, from left to right. It is never longer than width: what is too
// long is cut, with an ellipsis.
func (o *IO) Line(width int, cells ...Cell) string {
	var b strings.Builder
	at := 0
	for _, c := range cells {
		if c.Text == "" {
			continue
		}
		start := c.At
		if at > 0 {
			start = max(start, at+1)
		}
		if start >= width {
			break
		}
		text := CutEnd(c.Text, width-start)
		b.WriteString(strings.Repeat(" ", start-at))
		b.WriteString(o.Paint(c.Style, text))
		at = start + TextWidth(text)
	}
	b.WriteByte('\n')
	return b.String()
}
