package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/report"
)

// unpinned is a finding that plumb lock fixes.
func unpinned(file string, line int) verify.Finding {
	return verify.Finding{Rule: verify.Unpinned, Severity: verify.Error, File: file, Line: line,
		Column: 1, Message: "not pinned", Fix: "to pin it: plumb lock " + file,
		FixAll: "to pin them: plumb lock"}
}

func TestText(t *testing.T) {
	mismatch := func(file string) verify.Finding {
		return verify.Finding{Rule: verify.Mismatch, Severity: verify.Error, File: file, Line: 1,
			Column: 1, Message: "differs", Fix: "edit it"}
	}
	remark := verify.Finding{Rule: verify.Unpinned, Severity: verify.Remark, File: "a", Line: 9,
		Column: 1, Message: "not pinned", Fix: "to pin it: plumb lock a"}
	a1, a2, b1 := unpinned("a", 1), unpinned("a", 2), unpinned("b", 1)
	for _, tt := range []struct {
		name     string
		findings []verify.Finding
		style    report.Style
		want     string
		left     int
	}{
		{name: "one", findings: []verify.Finding{a1},
			want: "a:1:1: not pinned [unpinned]\n    to pin it: plumb lock a\n"},
		{name: "the same fix is said once", findings: []verify.Finding{a1, a2},
			want: "a:1:1: not pinned [unpinned]\na:2:1: not pinned [unpinned]\n" +
				"    to pin it: plumb lock a\n"},
		{name: "what fixes several files", findings: []verify.Finding{a1, b1},
			want: "a:1:1: not pinned [unpinned]\nb:1:1: not pinned [unpinned]\n" +
				"    to pin them: plumb lock\n"},
		{name: "by rule, errors first", findings: []verify.Finding{remark, mismatch("a"), a1, mismatch("b")},
			want: "a:1:1: not pinned [unpinned]\n    to pin it: plumb lock a\n" +
				"a:1:1: differs [mismatch]\nb:1:1: differs [mismatch]\n    edit it\n" +
				"a:9:1: not pinned [unpinned]\n"},
		{name: "fixes of remarks", findings: []verify.Finding{remark}, style: report.Style{Fixes: report.AllFixes},
			want: "a:9:1: not pinned [unpinned]\n    to pin it: plumb lock a\n"},
		{name: "no fixes", findings: []verify.Finding{remark, a1}, style: report.Style{Fixes: report.NoFixes},
			want: "a:1:1: not pinned [unpinned]\na:9:1: not pinned [unpinned]\n"},
		{name: "nothing is locked", findings: []verify.Finding{a1, mismatch("b")},
			style: report.Style{Unlocked: true},
			want:  "a:1:1: not pinned [unpinned]\nb:1:1: differs [mismatch]\n    edit it\n"},
		{name: "a limit", findings: []verify.Finding{a1, a2, b1}, style: report.Style{Limit: 2},
			want: "a:1:1: not pinned [unpinned]\na:2:1: not pinned [unpinned]\n" +
				"    to pin it: plumb lock a\n", left: 1},
		{name: "a limit that is not reached", findings: []verify.Finding{a1}, style: report.Style{Limit: 1},
			want: "a:1:1: not pinned [unpinned]\n    to pin it: plumb lock a\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			same := func(text string) string { return text }
			tt.style.Bold, tt.style.Sanitize, tt.style.Spoken = same, same, same
			var b bytes.Buffer
			left := report.Text(&b, tt.findings, tt.style)
			if diff := cmp.Diff(tt.want, b.String()); diff != "" || left != tt.left {
				t.Errorf("%d left, want %d; (-want +got):\n%s", left, tt.left, diff)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	of := func(severity verify.Severity, rules string) (out []verify.Finding) {
		for rule := range strings.FieldsSeq(rules) {
			out = append(out, verify.Finding{Rule: rule, Severity: severity})
		}
		return out
	}
	for _, tt := range []struct{ errors, remarks, want string }{
		{"", "", "7 references: 0 errors, 0 remarks"},
		{"unpinned", "", "7 references; 1 error: unpinned"},
		{"unlocked unpinned unpinned", "", "7 references; 3 errors: 2 unpinned, 1 unlocked"},
		{"", "unused unused", "7 references; 0 errors; 2 remarks: unused"},
		{"unpinned unpinned", "unused", "7 references; 2 errors: unpinned; 1 remark: unused"},
	} {
		s := report.Summary{References: 7}
		s.Count(append(of(verify.Error, tt.errors), of(verify.Remark, tt.remarks)...))
		if got := s.String(); got != tt.want {
			t.Errorf("the summary is %q, want %q", got, tt.want)
		}
	}
	s := report.Summary{References: 3}
	s.Count([]verify.Finding{
		{Rule: verify.Unpinned, Severity: verify.Remark, NotRequired: lockfile.Image},
		{Rule: verify.Unpinned, Severity: verify.Remark, NotRequired: lockfile.Artifact},
		{Rule: verify.Unused, Severity: verify.Remark},
	})
	const want = "3 references; 0 errors; 3 remarks: 2 unpinned, 1 unused; " +
		"not required: 1 artifact, 1 image"
	if got := s.String(); got != want || s.NotRequired != 2 {
		t.Errorf("the summary is %q with %d, want %q with 2", got, s.NotRequired, want)
	}
}
