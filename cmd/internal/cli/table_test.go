package cli

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	var out strings.Builder
	o := &IO{Stdout: &out}
	o.Table([][]string{{"A", "B", "C"}, {"日本", "x", "y"}, {"abc", "", ""}})
	const want = "A     B  C\n日本  x  y\nabc\n"
	if out.String() != want {
		t.Errorf("the table is\n%swant\n%s", out.String(), want)
	}
}

func TestLine(t *testing.T) {
	cells := []Cell{
		{At: 2, Text: "7"}, {At: 5, Text: "pinned", Style: Green}, {At: 13, Text: "日本語"},
	}
	tests := []struct {
		width int
		color bool
		want  string
	}{
		{19, false, "  7  pinned  日本語\n"},
		{18, false, "  7  pinned  日本…\n"},
		{13, false, "  7  pinned\n"},
		{8, false, "  7  pi…\n"},
		{2, false, "\n"},
		{19, true, "  7  \x1b[32mpinned\x1b[0m  日本語\n"},
	}
	for _, tt := range tests {
		o := &IO{Color: tt.color}
		if got := o.Line(tt.width, cells...); got != tt.want {
			t.Errorf("in %d columns: %q, want %q", tt.width, got, tt.want)
		}
	}
	// A cell that is too long moves those behind it.
	o := &IO{}
	if got := o.Line(20, Cell{Text: "abcdef"}, Cell{At: 3, Text: "g"}); got != "abcdef g\n" {
		t.Errorf("behind a long cell: %q", got)
	}
}
