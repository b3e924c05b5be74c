package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

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
	// Fixes says whose fixes are shown.
	Fixes Fixes
	// Unlocked says that nothing is locked yet, which is said elsewhere, with what fixes
	// all that is not pinned or not locked.
	Unlocked bool
	// Limit is how many findings are shown; 0 for all.
	Limit int
}

// Fixes is a choice of findings that are shown with how to fix them.
type Fixes int

// The choices. Errors are the default.
const (
	ErrorFixes Fixes = iota
	AllFixes
	NoFixes
)

// of reports whether a finding of a severity is shown with how to fix it.
func (f Fixes) of(s verify.Severity) bool {
	return f == AllFixes || f == ErrorFixes && s == verify.Error
}

// Text writes findings as people and editors read them: by rule, errors first, the place
// first in each line, and then, indented, how to fix it. What is to be done about several
// findings is said once, behind the last of them. It returns how many findings the limit
// left out.
func Text(w io.Writer, findings []verify.Finding, s Style) (left int) {
	order := byRule(findings)
	if s.Limit > 0 && len(order) > s.Limit {
		left = len(order) - s.Limit
		order = order[:s.Limit]
	}
	for len(order) > 0 {
		first := order[0]
		n := slices.IndexFunc(order, func(f *verify.Finding) bool {
			return f.Rule != first.Rule || f.Severity != first.Severity
		})
		if n < 0 {
			n = len(order)
		}
		s.group(w, order[:n])
		order = order[n:]
	}
	return left
}

// group writes the findings of a rule.
func (s Style) group(w io.Writer, findings []*verify.Finding) {
	fix := s.fixes(findings)
	for i, f := range findings {
		place := s.Bold(s.Sanitize(fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column)))
		// w's last flush has the error.
		_, _ = fmt.Fprintf(w, "%s %s [%s]\n", place, s.Sanitize(f.Message), f.Rule)
		if fix[i] != "" && (i == len(findings)-1 || fix[i+1] != fix[i]) {
			_, _ = fmt.Fprintf(w, "    %s\n", s.Sanitize(s.Spoken(fix[i])))
		}
	}
}

// fixes are what is said of how to fix each of the findings of a rule: where they differ
// only in the file, what fixes all of them.
func (s Style) fixes(findings []*verify.Finding) []string {
	out := make([]string, len(findings))
	first := findings[0]
	if !s.Fixes.of(first.Severity) || s.Unlocked && verify.FixedByLock(first.Rule) {
		return out
	}
	together := first.FixAll
	for _, f := range findings {
		if f.FixAll != together {
			together = ""
		}
	}
	same := !slices.ContainsFunc(findings, func(f *verify.Finding) bool { return f.Fix != first.Fix })
	for i, f := range findings {
		if out[i] = f.Fix; together != "" && !same {
			out[i] = together
		}
	}
	return out
}

// byRule are the findings by severity and rule, in the order of the rules; those of a
// rule stay in theirs.
func byRule(findings []verify.Finding) []*verify.Finding {
	at := map[string]int{}
	for i, rule := range verify.Rules() {
		at[rule.Name] = i
	}
	out := make([]*verify.Finding, len(findings))
	for i := range findings {
		out[i] = &findings[i]
	}
	slices.SortStableFunc(out, func(a, b *verify.Finding) int {
		if a.Severity != b.Severity {
			return cmp.Compare(a.Severity, b.Severity) // "error" is before "remark"
		}
		return at[a.Rule] - at[b.Rule]
	})
	return out
}
