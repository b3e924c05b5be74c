package verify_test

import (
	"testing"

	"github.com/plumb-dev/plumb/verify"
)

func TestOutcomeOf(t *testing.T) {
	errorOf := func(rule string) verify.Finding {
		return verify.Finding{Rule: rule, Severity: verify.Error}
	}
	remark := verify.Finding{Rule: verify.Unpinned, Severity: verify.Remark}
	for _, tt := range []struct {
		name     string
		findings []verify.Finding
		stream   bool
		want     verify.Outcome
	}{
		{"no findings", nil, false, verify.Passed},
		{"remarks only", []verify.Finding{remark}, false, verify.Passed},
		{"an error", []verify.Finding{remark, errorOf(verify.Unpinned)}, false, verify.Rejected},
		{"an error in a stream", []verify.Finding{errorOf(verify.Unpinned)}, true, verify.Rejected},
		{"a broken lock", []verify.Finding{errorOf(verify.LockRule), errorOf(verify.Unpinned)}, false,
			verify.Invalid},
		{"nothing", []verify.Finding{errorOf(verify.Nothing)}, false, verify.Rejected},
		{"nothing in a stream", []verify.Finding{errorOf(verify.Nothing)}, true, verify.Unknown},
	} {
		if got := verify.OutcomeOf(tt.findings, tt.stream); got != tt.want {
			t.Errorf("%s: the outcome is %d, want %d", tt.name, got, tt.want)
		}
	}
}
