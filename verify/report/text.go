package report

import (
	"fmt"
	"io"

	"github.com/plumb-dev/plumb/verify"
)

// Style is how text is shown.
type Style struct {
	// Bold marks text.
	Bold func(text string) string
	// Sanitize escapes control characters in text from files.
	Sanitize func(text string) string
	// Spoken replaces plumb's commands in text by what the user has to type.
	Spoken func(text string) string
	// Fixes adds how to fix remarks, too; errors always show it.
	Fixes bool
}

// Text writes findings for people and editors: a line that starts with the place, then,
// indented, how to fix it.
func Text(w io.Writer, findings []verify.Finding, s Style) {
	for _, f := range findings {
		place := s.Bold(s.Sanitize(fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column)))
		// Errors are left to w's last flush.
		_, _ = fmt.Fprintf(w, "%s %s [%s]\n", place, s.Sanitize(f.Message), f.Rule)
		if f.Fix != "" && (f.Severity == verify.Error || s.Fixes) {
			_, _ = fmt.Fprintf(w, "    %s\n", s.Sanitize(s.Spoken(f.Fix)))
		}
	}
}
