package sanitize_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		" a\r\nb\tc\n":             "a  b c",
		"no\x1b[31m\u202eway":      "no[31mway",
		strings.Repeat("é", 200):   strings.Repeat("é", 200),
		strings.Repeat("é", 201):   strings.Repeat("é", 200) + "…",
		"\xff" + "not UTF-8: \xfe": "\ufffdnot UTF-8: \ufffd",
	} {
		if got := sanitize.Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://ann:secret@example.com:5000/v2/a?token=secret#secret": "https://example.com:5000/v2/a",
		"https://example.com": "https://example.com",
		"secret%zz:":          "(malformed URL)",
	} {
		if got := sanitize.URL(text); got != want {
			t.Errorf("URL(%q) = %q, want %q", text, got, want)
		}
	}
}
