package cli

import "testing"

func TestLegible(t *testing.T) {
	for in, want := range map[string]string{
		"plain ünïcode\twith\nlines":  "plain ünïcode\twith\nlines",
		"red \x1b[31mtext":            `red \x1b[31mtext`,
		"back\rforth\x07\x7f":         `back\x0dforth\x07\x7f`,
		"C1 \u009b31m":                `C1 \u009b31m`,
		"turned \u202egpj.exe\u2066.": `turned \u202egpj.exe\u2066.`,
		"":                            "",
	} {
		if got := SanitizeTerminal(in); got != want {
			t.Errorf("SanitizeTerminal(%q) = %q, want %q", in, got, want)
		}
	}
}
