package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify"
)

// Summary counts what verify looked at and found.
type Summary struct {
	References int `json:"references"`
	Errors     int `json:"errors"`
	Remarks    int `json:"remarks"`
	// NotRequired is how many of the remarks are of kinds that plumb.yaml does not require.
	NotRequired int `json:"notRequired,omitempty"`

	// Undecided says that no policy asks for signatures.
	Undecided bool `json:"-"`

	rules       map[ruleCount]int
	notRequired map[lockfile.Kind]int
}

// ruleCount is what a Summary counts findings by.
type ruleCount struct {
	severity verify.Severity
	rule     string
}

// Count counts findings.
func (s *Summary) Count(findings []verify.Finding) {
	s.rules, s.notRequired = map[ruleCount]int{}, map[lockfile.Kind]int{}
	for i := range findings {
		f := &findings[i]
		s.rules[ruleCount{f.Severity, f.Rule}]++
		if f.Severity == verify.Error {
			s.Errors++
		} else {
			s.Remarks++
		}
		if f.NotRequired != "" {
			s.NotRequired++
			s.notRequired[f.NotRequired]++
		}
	}
}

// FixedByLock reports whether some error is fixed by locking the tree.
func (s Summary) FixedByLock() bool {
	for r := range s.rules {
		if r.severity == verify.Error && verify.FixedByLock(r.rule) {
			return true
		}
	}
	return false
}

// String is the summary in a line: "5 references; 3 errors: 2 unpinned, 1 unlocked".
func (s Summary) String() string {
	text := count(s.References, "reference", "references")
	errors, remarks := count(s.Errors, "error", "errors"), count(s.Remarks, "remark", "remarks")
	if s.Errors+s.Remarks == 0 {
		text += ": " + errors + ", " + remarks
	} else {
		text += "; " + errors + s.byRule(verify.Error)
		if s.Remarks > 0 {
			text += "; " + remarks + s.byRule(verify.Remark)
		}
	}
	for i, kind := range slices.Sorted(maps.Keys(s.notRequired)) {
		text += []string{"; not required: ", ", "}[min(i, 1)]
		text += fmt.Sprintf("%d %s", s.notRequired[kind], kind)
	}
	if s.Undecided {
		text += "; no policy says who must have signed the images"
	}
	return text
}

// byRule counts the findings of a severity by their rules, in the order of these.
func (s Summary) byRule(severity verify.Severity) string {
	var parts []string
	var only string
	for _, rule := range verify.Rules() {
		if n := s.rules[ruleCount{severity, rule.Name}]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, rule.Name))
			only = rule.Name
		}
	}
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return ": " + only
	}
	return ": " + strings.Join(parts, ", ")
}
