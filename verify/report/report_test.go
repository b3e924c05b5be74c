package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify"
)

// odd is a file that no format may stumble over.
const odd = "a,b:c%d\n\"<&>' ü\x1b\xff.yaml"

func finding(rule, file string, line int) verify.Finding {
	return verify.Finding{Rule: rule, Severity: verify.Error, File: file, Line: line, Column: 16, Kind: "Deployment",
		Namespace: "shop", Name: "web", Field: "spec.image", Reference: "nginx:1.27",
		Message: `image "nginx:1.27" is not pinned`, Fix: "to pin it: plumb lock"}
}

func remark(file string, line int) verify.Finding {
	f := finding(verify.Suspect, file, line)
	f.Severity, f.Fix = verify.Remark, ""
	return f
}

// everything is a report with all that there can be in one.
func everything() Report {
	return Report{
		Version:  "v1.2.3",
		Findings: []verify.Finding{finding(verify.Unpinned, "apps/web.yaml", 6), finding(verify.Unpinned, odd, 7), remark("apps/web.yaml", 9)},
		Failures: []Failure{{Name: "docker.io/library/nginx:1.27", Error: "503", Fix: "try again", Places: []Place{{File: "apps/web.yaml", Line: 6}}}},
	}
}

func written(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFingerprints(t *testing.T) {
	first := finding(verify.Unpinned, "a.yaml", 6)
	moved := first
	moved.Line, moved.Column, moved.Message = 60, 1, "worded otherwise"
	if a, b := fingerprints([]verify.Finding{first}), fingerprints([]verify.Finding{moved}); !slices.Equal(a, b) {
		t.Errorf("a finding that moved: %v, before %v", b, a)
	}
	all := []verify.Finding{first, moved}
	for _, change := range []func(*verify.Finding){
		func(f *verify.Finding) { f.Rule = verify.Mismatch },
		func(f *verify.Finding) { f.File = "b.yaml" },
		func(f *verify.Finding) { f.Kind = "Pod" },
		func(f *verify.Finding) { f.Namespace = "x" },
		func(f *verify.Finding) { f.Name = "x" },
		func(f *verify.Finding) { f.Field = "x" },
		func(f *verify.Finding) { f.Reference = "x" },
	} {
		other := first
		change(&other)
		all = append(all, other)
	}
	prints := fingerprints(all)
	slices.Sort(prints)
	if n := len(slices.Compact(prints)); n != len(all) {
		t.Errorf("%d findings have %d fingerprints", len(all), n)
	}
}

func TestGitHub(t *testing.T) {
	got := written(t, func(b *bytes.Buffer) error { return GitHub(b, everything()) })
	want := `::error file=apps/web.yaml,line=6,title=plumb%3A cannot tell::docker.io/library/nginx:1.27: 503%0Atry again
::error file=apps/web.yaml,line=6,col=16,title=plumb%3A unpinned::apps/web.yaml:6:16: image "nginx:1.27" is not pinned [unpinned]%0Ato pin it: plumb lock
::error file=a%2Cb%3Ac%25d%0A"<&>' ü` + "\x1b\xff" + `.yaml,line=7,col=16,title=plumb%3A unpinned::a,b:c%25d%0A"<&>' ü` + "\x1b\xff" + `.yaml:7:16: image "nginx:1.27" is not pinned [unpinned]%0Ato pin it: plumb lock
::notice file=apps/web.yaml,line=9,col=16,title=plumb%3A suspect::apps/web.yaml:9:16: image "nginx:1.27" is not pinned [suspect]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := written(t, func(b *bytes.Buffer) error { return GitHub(b, Report{}) }); got != "" {
		t.Errorf("nothing was found: %q", got)
	}
}

func TestJUnit(t *testing.T) {
	type counts struct{ Tests, Failures, Errors, Passed int }
	for _, tt := range []struct {
		name   string
		report Report
		want   counts
	}{
		{"clean", Report{}, counts{Tests: len(verify.Rules()), Passed: len(verify.Rules())}},
		{"everything", everything(), counts{len(verify.Rules()) + 2, 2, 1, len(verify.Rules()) - 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := written(t, func(b *bytes.Buffer) error { return JUnit(b, tt.report) })
			var read junitReport
			if err := xml.Unmarshal([]byte(text), &read); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			got := counts{read.Tests, read.Failures, read.Errors, 0}
			names := map[string]bool{}
			sum := counts{}
			for _, s := range read.Suites {
				sum.Tests, sum.Failures, sum.Errors = sum.Tests+s.Tests, sum.Failures+s.Failures, sum.Errors+s.Errors
				if s.Tests != len(s.Cases) || s.Tests == 0 {
					t.Errorf("suite %s says that it has %d tests, and has %d", s.Name, s.Tests, len(s.Cases))
				}
				for _, c := range s.Cases {
					if c.Failure == nil && c.Error == nil {
						got.Passed++
					}
					if names[c.Class+c.Name] {
						t.Errorf("two tests are called %s", c.Name)
					}
					names[c.Class+c.Name] = true
				}
			}
			sum.Passed = got.Passed
			if got != tt.want || sum != tt.want {
				t.Errorf("the report says %+v, its suites %+v, want %+v", got, sum, tt.want)
			}
		})
	}
}

// Two findings that differ in nothing but their line are two tests.
func TestJUnitTellsTestsApart(t *testing.T) {
	text := written(t, func(b *bytes.Buffer) error {
		return JUnit(b, Report{Findings: []verify.Finding{finding(verify.Unpinned, "a.yaml", 6), finding(verify.Unpinned, "a.yaml", 7)}})
	})
	for _, want := range []string{`name="a.yaml Deployment/shop/web spec.image nginx:1.27"`, `name="a.yaml Deployment/shop/web spec.image nginx:1.27 #2"`} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%s is not there once:\n%s", want, text)
		}
	}
}

func TestGitLab(t *testing.T) {
	text := written(t, func(b *bytes.Buffer) error { return GitLab(b, everything()) })
	var issues []gitlabIssue
	if err := json.Unmarshal([]byte(text), &issues); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var got []string
	prints := map[string]bool{}
	for _, i := range issues {
		got = append(got, fmt.Sprintf("%s %s %q:%d", i.Severity, i.CheckName, i.Location.Path, i.Location.Lines.Begin))
		if prints[i.Fingerprint] || i.Fingerprint == "" || i.Description == "" {
			t.Errorf("the fingerprint is not its own, or the description missing: %+v", i)
		}
		prints[i.Fingerprint] = true
	}
	want := []string{
		`critical queried "apps/web.yaml":6`,
		`major unpinned "apps/web.yaml":6`,
		fmt.Sprintf(`major unpinned %q:7`, strings.ToValidUTF8(odd, "\ufffd")),
		`info suspect "apps/web.yaml":9`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := written(t, func(b *bytes.Buffer) error { return GitLab(b, Report{}) }); got != "[]\n" {
		t.Errorf("nothing was found: %q", got)
	}
}
