package cli

import (
	"io"
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
	var b strings.Builder
	for n, row := range rows {
		b.Reset()
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(blank[:widths[i]-TextWidth(cell)+tableGap])
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 {
			line = o.Bold(line)
		}
		_, _ = io.WriteString(o.Stdout, line+"\n")
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
