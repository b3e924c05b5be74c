package complete

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShellWords(t *testing.T) {
	tests := []struct {
		line   string
		want   []string
		quoted bool
	}{
		{"plumb", []string{""}, false},
		{"plumb ", []string{""}, false},
		{"plumb  lock  u", []string{"lock", "u"}, false},
		{"plumb lock ", []string{"lock", ""}, false},
		{"A=1 B= plumb lock ", []string{"lock", ""}, false},
		{`plumb 'a b' "c d" e\ f`, []string{"a b", "c d", "e f"}, false},
		{`plumb a'b'"c"d`, []string{"abcd"}, false},
		{`plumb "" ''`, []string{"", ""}, false},
		{`plumb "a\"\$\x`, []string{`a"$\x`}, true},
		{`plumb 'a\`, []string{`a\`}, true},
		{`plumb a\`, []string{"a"}, false},
		{"plumb $(touch x) `y`", []string{"$(touch", "x)", "`y`"}, false},
	}
	for _, tt := range tests {
		got, quoted := shellWords(tt.line)
		if diff := cmp.Diff(tt.want, got); diff != "" || quoted != tt.quoted {
			t.Errorf("shellWords(%q): quoted %v, words (-want +got):\n%s", tt.line, quoted, diff)
		}
	}
}

func TestReplacing(t *testing.T) {
	tests := []struct {
		found, word string
		quoted      bool
		text, want  string
	}{
		{"nginx:1.27", "ngi", false, "ngi", "nginx:1.27"},
		{"nginx:1.27", "nginx:1", false, "1", "1.27"},
		{"nginx:1.27", "nginx:", false, "", "1.27"},
		{"--output=json", "--output=", false, "", "json"},
		{"a b", "a", false, "a", `a\ b`},
		{"a b", "a", true, "a", "a b"},
		{"a b/c d", "a b/c", false, `a\ b/c`, `a\ b/c\ d`},
	}
	for _, tt := range tests {
		got := replacing([]Candidate{{Text: tt.found}}, tt.word, tt.quoted, tt.text)
		if len(got) != 1 || got[0].Text != tt.want {
			t.Errorf("replacing %q in %q by %q gives %v, want %q", tt.text, tt.word, tt.found, got, tt.want)
		}
	}
}
