package verify_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify"
)

// places are findings in short: "file:line:column rule".
func places(findings []verify.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s:%d:%d %s", f.File, f.Line, f.Column, f.Rule))
	}
	return out
}

func TestSort(t *testing.T) {
	f := func(file string, line, column int, rule string) verify.Finding {
		return verify.Finding{File: file, Line: line, Column: column, Rule: rule}
	}
	got := verify.Sort([]verify.Finding{
		f("b", 1, 1, "x"), f("a", 10, 1, "x"), f("a", 2, 9, "y"), f("a", 2, 9, "x"), f("a", 2, 9, "y"), f("a", 2, 8, "z"),
	})
	want := []string{"a:2:8 z", "a:2:9 x", "a:2:9 y", "a:10:1 x", "b:1:1 x"}
	if diff := cmp.Diff(want, places(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFailed(t *testing.T) {
	remark, fault := verify.Finding{Severity: verify.Remark}, verify.Finding{Severity: verify.Error}
	tests := []struct {
		name     string
		findings []verify.Finding
		want     bool
	}{
		{"nothing", nil, false},
		{"remarks", []verify.Finding{remark, remark}, false},
		{"an error among remarks", []verify.Finding{remark, fault, remark}, true},
	}
	for _, tt := range tests {
		if got := verify.Failed(tt.findings); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range verify.Rules() {
		if r.Name == "" || r.Says == "" || seen[r.Name] {
			t.Errorf("rule %q is not named, not explained, or stands twice", r.Name)
		}
		seen[r.Name] = true
	}
}
