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
	// Sanitize spells out what would steer a terminal, in text from files.
	Sanitize func(text string) string
	// Spoken has plumb's commands as they have to be typed.
	Spoken func(text string) string
	// Fixes adds how to fix remarks, too; errors always have it.
	Fixes bool
}

// Text writes findings as people and editors read them: the place first, then,
// indented, how to fix it.
func Text(w io.Writer, findings []verify.Finding, s Style) {
	for _, f := range findings {
		place := s.Bold(s.Sanitize(fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column)))
		_, _ = fmt.Fprintf(w, "%s %s [%s]\n", place, s.Sanitize(f.Message), f.Rule) // w's last flush has the error
		if f.Fix != "" && (f.Severity == verify.Error || s.Fixes) {
			_, _ = fmt.Fprintf(w, "    %s\n", s.Sanitize(s.Spoken(f.Fix)))
		}
	}
}
