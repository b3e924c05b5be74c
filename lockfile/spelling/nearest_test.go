package spelling

import "testing"

func TestNearest(t *testing.T) {
	commands := []string{
		"list", "lock", "verify", "outdated", "explain", "policy", "evidence", "admission",
		"init", "hook", "completion", "man", "version",
	}
	for word, want := range map[string]string{
		"lokc":       "lock", // two letters swapped
		"lst":        "list",
		"listt":      "list",
		"vreify":     "verify",
		"LIST":       "list",
		"outd":       "outdated", // begins so
		"ex":         "explain",
		"ver":        "", // two begin so
		"verif":      "verify",
		"verisy":     "verify",
		"versoin":    "version",
		"polices":    "policy",
		"evidance":   "evidence",
		"mon":        "man",
		"me":         "", // half of it is wrong
		"l":          "",
		"x":          "",
		"":           "",
		"replicas":   "", // near to nothing
		"list-of-it": "",
		"lösch":      "",
	} {
		if got := Nearest(word, commands); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Nearest("ab", nil); got != "" {
		t.Errorf("of no names, %q is nearest", got)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"mode", "mode", 0}, {"moed", "mode", 1},
		{"kitten", "sitting", 3}, {"ab", "ba", 1}, {"abc", "cab", 2}, {"unpined", "unpinned", 1},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := distance(tt.b, tt.a); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}
