package cli

import "testing"

func TestTextWidth(t *testing.T) {
	for text, want := range map[string]int{
		"":                 0,
		"nginx:1.27":       10,
		"ünïcode":          7,
		"u\u0308nicode":    7, // a mark combined with the u
		"日本語/x":            8,
		"ｆｕｌｌ":             8,
		"한글":               4,
		"\u1112\u1161":     2, // one syllable in two parts
		"\u200bzero\ufeff": 4,
		"🚀":                2,
		"…":                1,
	} {
		if got := TextWidth(text); got != want {
			t.Errorf("TextWidth(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		text        string
		columns     int
		end, middle string
	}{
		{"abcdef", 6, "abcdef", "abcdef"},
		{"abcdef", 5, "abcd…", "ab…ef"},
		{"abcdef", 4, "abc…", "a…ef"},
		{"abcdef", 2, "a…", "…f"},
		{"abcdef", 1, "…", "…"},
		{"abcdef", 0, "", ""},
		{"abcdef", -1, "", ""},
		{"日本語", 6, "日本語", "日本語"},
		{"日本語", 5, "日本…", "日…語"},
		{"日本語", 4, "日…", "…語"}, // a half of a character is none
		{"日本語", 2, "…", "…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…", "…e\u0301"}, // a mark keeps its letter
	}
	for _, tt := range tests {
		if got := CutEnd(tt.text, tt.columns); got != tt.end {
			t.Errorf("CutEnd(%q, %d) = %q, want %q", tt.text, tt.columns, got, tt.end)
		}
		if got := CutMiddle(tt.text, tt.columns); got != tt.middle {
			t.Errorf("CutMiddle(%q, %d) = %q, want %q", tt.text, tt.columns, got, tt.middle)
		}
	}
}
