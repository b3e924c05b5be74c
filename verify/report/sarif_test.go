package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	cuejson "cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify"
)

func sarif(t *testing.T, r Report) (string, sarifRun) {
	t.Helper()
	text := written(t, func(b *bytes.Buffer) error { return SARIF(b, r) })
	var log sarifLog
	if err := json.Unmarshal([]byte(text), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	return text, log.Runs[0]
}

func TestSARIF(t *testing.T) {
	r := everything()
	r.Line = func(file string, line int) (string, bool) {
		return "  ü𝄞 # image: nginx:1.27", file == "apps/web.yaml"
	}
	_, run := sarif(t, r)
	var got []string
	for _, res := range run.Results {
		at := res.Locations[0].Physical
		rule := run.Tool.Driver.Rules[res.RuleIndex]
		if rule.ID != res.RuleID || rule.Default.Level != res.Level {
			t.Errorf("the result %s %s points to the rule %+v", res.RuleID, res.Level, rule)
		}
		got = append(got, fmt.Sprintf("%s %s %s:%d:%d %s", res.Level, res.RuleID, at.Artifact.URI, at.Region.StartLine, at.Region.StartColumn, at.Artifact.BaseID))
	}
	want := []string{
		"error unpinned apps/web.yaml:6:13 %SRCROOT%",
		"error unpinned a,b%3Ac%25d%0A%22%3C&%3E%27%20%C3%BC%1B%FF.yaml:7:0 %SRCROOT%",
		"note suspect apps/web.yaml:9:13 %SRCROOT%",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if i := run.Invocations[0]; i.Successful || len(i.Notifications) != 1 || !strings.Contains(i.Notifications[0].Message.Text, "503") {
		t.Errorf("what could not be asked for: %+v", i)
	}
	if _, run = sarif(t, Report{}); len(run.Results) != 0 || !run.Invocations[0].Successful {
		t.Errorf("nothing was found: %+v", run)
	}
}

func TestSARIFKeepsErrors(t *testing.T) {
	r := Report{Findings: []verify.Finding{remark("a.yaml", 1)}}
	for i := range maxResults {
		r.Findings = append(r.Findings, finding(verify.Unpinned, "b.yaml", i+1))
	}
	_, run := sarif(t, r)
	if n := len(run.Results); n != maxResults || run.Results[0].Level != "error" {
		t.Errorf("%d results, the first a %s", n, run.Results[0].Level)
	}
	if n := run.Invocations[0].Notifications; len(n) != 1 || !strings.HasPrefix(n[0].Message.Text, "1 of 25001 findings") {
		t.Errorf("what was left out: %+v", n)
	}
}

func TestUTF16Column(t *testing.T) {
	tests := []struct {
		line         string
		column, want int
	}{
		{"image: nginx", 8, 8},
		{"ü: nginx", 5, 4},    // two bytes, one unit
		{"𝄞: nginx", 7, 5},    // four bytes, two units
		{"\xff: nginx", 4, 4}, // no UTF-8
		{"short", 99, 6},
		{"", 1, 1},
	}
	for _, tt := range tests {
		if got := utf16Column(tt.line, tt.column); got != tt.want {
			t.Errorf("column %d of %q is %d, want %d", tt.column, tt.line, got, tt.want)
		}
	}
}

func TestSARIFFile(t *testing.T) {
	for name, want := range map[string]sarifArtifact{
		"a b/c.yaml": {URI: "a%20b/c.yaml", BaseID: "%SRCROOT%"},
		"c:/d.yaml":  {URI: "c%3A/d.yaml", BaseID: "%SRCROOT%"},
		"../d.yaml":  {URI: "../d.yaml"},
		"/x/d e":     {URI: "file:///x/d%20e"},
		"<stdin>":    {URI: "%3Cstdin%3E", BaseID: "%SRCROOT%"},
	} {
		if diff := cmp.Diff(want, sarifFile(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The limits that GitHub has for what it shows.
func TestSARIFRulesAreShort(t *testing.T) {
	for _, r := range sarifRules() {
		if len(r.Short.Text) > 1024 || len(r.Full.Text) > 1024 || r.Help.Text == "" || r.Help.Markdown == "" {
			t.Errorf("rule %+v", r)
		}
	}
}

func TestSARIFIsValid(t *testing.T) {
	valid := sarifSchema(t)
	full, _ := sarif(t, everything())
	clean, _ := sarif(t, Report{})
	for _, text := range []string{full, clean} {
		if err := valid(text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	// What is wrong is found.
	for _, change := range [][2]string{
		{`"startLine": 6`, `"startLine": 0`},
		{`"level": "note"`, `"level": "remark"`},
		{`"ruleIndex"`, `"ruleNumber"`},
		{`"text": "Manifest`, `"words": "Manifest`},
	} {
		if !strings.Contains(full, change[0]) {
			t.Fatalf("%s is nowhere in\n%s", change[0], full)
		}
		if valid(strings.ReplaceAll(full, change[0], change[1])) == nil {
			t.Errorf("%s instead of %s is taken for valid", change[1], change[0])
		}
	}
}

// sarifSchema returns what checks a text against the schema of SARIF 2.1.0, which
// make tools fetches.
func sarifSchema(t *testing.T) func(text string) error {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile(filepath.Join(cache, "plumb-test", "sarif-2.1.0-rtm.5.json"))
	if err != nil {
		t.Skipf("SARIF against its schema: %v; make tools fetches it", err)
	}
	ctx := cuecontext.New()
	read, err := cuejson.Extract("schema.json", schema)
	if err != nil {
		t.Fatal(err)
	}
	file, err := jsonschema.Extract(ctx.BuildExpr(read), &jsonschema.Config{})
	if err != nil {
		t.Fatal(err)
	}
	rules := ctx.BuildFile(file)
	if err := rules.Err(); err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		data, err := cuejson.Extract("report.sarif", []byte(text))
		if err != nil {
			return err
		}
		return rules.Unify(ctx.BuildExpr(data)).Validate(cue.Concrete(true))
	}
}
