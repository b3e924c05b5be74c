package eval

import (
	"context"
	"strings"
	"testing"
	"time"
)

const statement = `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://example.com/scan/v1",` +
	`"subject":[{"name":"ghcr.io/acme/app","digest":{"sha256":"aa"}}],"predicate":{"Data":"clean","findings":3,"Timestamp":"2026-01-02T03:04:05Z"}}`

// options are those of a policy on an attestation.
var options = Options{Variables: []string{"_type", "predicateType", "subject", "predicate"}, Timeout: time.Minute}

const isCompliant = "package sigstore\nisCompliant "

// TestRules evaluates policies on an attestation; want is "" where the policy holds, else part of why not.
func TestRules(t *testing.T) {
	tests := []struct {
		name       string
		language   Language
		text, want string
	}{
		{"cue equal", CUE, `predicate: Data: "clean"`, ""},
		{"cue other", CUE, `predicate: Data: "dirty"`, "conflicting values"},
		{"cue bound", CUE, `predicate: findings: <5`, ""},
		{"cue beyond bound", CUE, `predicate: findings: <3`, "out of bound"},
		{"cue helper", CUE, "import \"time\"\nbefore: time.Parse(time.RFC3339, \"2049-10-09T17:10:27Z\")\npredicate: Timestamp: <before", ""},
		{"cue helper beyond", CUE, "import \"time\"\nbefore: time.Parse(time.RFC3339, \"2022-10-09T17:10:27Z\")\npredicate: Timestamp: <before", "out of bound"},
		{"cue demanded", CUE, `predicate: Data!: "clean"`, ""},
		{"cue demanded, absent", CUE, `predicate: Approval!: string`, "required"},
		{"cue absent is no conflict", CUE, `predicate: Approval: "yes"`, ""},

		{"rego true", Rego, isCompliant + `{ input.predicate.Data == "clean" }`, ""},
		{"rego undefined", Rego, isCompliant + `{ input.predicate.Data == "dirty" }`, "isCompliant is not true"},
		{"rego false", Rego, "package sigstore\ndefault isCompliant = false", "isCompliant is not true"},
		{"rego another package", Rego, "package other\nisCompliant { true }", "isCompliant is not true"},
		{"rego text", Rego, isCompliant + `= "true" { true }`, "isCompliant is not true"},
		{"rego object", Rego, isCompliant + `[r] { r := {"result": input.predicate.findings < 5, "error": "too many", "warning": ""} }`, ""},
		{"rego object fails", Rego, isCompliant + `[r] { r := {"result": input.predicate.findings < 3, "error": "too many"} }`, "too many"},
		{"rego object warns", Rego, isCompliant + `[r] { r := {"result": true, "warning": "old scanner"} }`, "warning: old scanner"},
		{"rego set of others", Rego, isCompliant + `[r] { r := "yes" }`, "no result that is true"},
		{"rego empty set", Rego, isCompliant + `[r] { r := "yes"; false }`, "no result that is true"},
		{"rego large number", Rego, isCompliant + `{ input.predicate.findings + 9007199254740993 == 9007199254740996 }`, ""},

		{"cel true", CEL, `predicate.Data == "clean" && predicate.findings < 5`, ""},
		{"cel false", CEL, `predicate.Data == "dirty"`, "false"},
		{"cel input", CEL, `input.predicate.Data == predicate.Data && _type.startsWith("https://in-toto.io/")`, ""},
		{"cel list", CEL, `subject.exists(s, s.digest.sha256 == "aa")`, ""},
		{"cel list without", CEL, `subject.exists(s, s.digest.sha256 == "bb")`, "false"},
		{"cel absent", CEL, `predicate.approval == "yes"`, "no such key"},
		{"cel absent, asked for", CEL, `!has(predicate.approval)`, ""},
		{"cel time", CEL, `timestamp(predicate.Timestamp) < timestamp("2027-01-01T00:00:00Z")`, ""},
		{"cel no boolean", CEL, `predicate.Data`, "not a boolean"},
		{"cel too dear", CEL, `"` + strings.Repeat("a", 300) + `".matches("(a*)*b") || ` +
			`[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, [1,2,3,4,5,6,7,8,9,10].all(g, true)))))))`, "cost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			program, err := Compile(tt.language, tt.text, options)
			if err != nil {
				t.Fatalf("compiling: %v", err)
			}
			err = program.Eval([]byte(statement))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("it does not hold: %v", err)
			case tt.want != "" && err == nil:
				t.Errorf("it holds, and should not: %s", tt.want)
			case tt.want != "" && !strings.Contains(err.Error(), tt.want):
				t.Errorf("it does not hold because %q, want %q", err, tt.want)
			}
		})
	}
}

// TestRulesThatReachOut are policies that must not compile, nor hold.
func TestRulesThatReachOut(t *testing.T) {
	tests := []struct {
		name       string
		language   Language
		text, want string
	}{
		{"rego http", Rego, isCompliant + `{ http.send({"method": "GET", "url": "http://127.0.0.1/"}).status_code == 200 }`, "http.send"},
		{"rego dns", Rego, isCompliant + `{ net.lookup_ip_addr("localhost") }`, "net.lookup_ip_addr"},
		{"rego environment", Rego, isCompliant + `{ opa.runtime().env.HOME }`, "opa.runtime"},
		{"rego chance", Rego, isCompliant + `{ rand.intn("x", 2) == 0 }`, "rand.intn"},
		{"rego uuid", Rego, isCompliant + `{ uuid.rfc4122("x") }`, "uuid.rfc4122"},
		{"rego time", Rego, isCompliant + `{ time.now_ns() > 0 }`, "time.now_ns"},
		{"rego certificates now", Rego, isCompliant + `{ crypto.x509.parse_and_verify_certificates("x") }`, "crypto.x509"},
		{"rego token now", Rego, isCompliant + `{ io.jwt.decode_verify("x", {}) }`, "io.jwt.decode_verify"},
		{"rego unsafe", Rego, isCompliant + `{ x > 1 }`, "unsafe"},
		{"rego syntax", Rego, "package sigstore\nisCompliant {", "line 2"},
		{"cue file", CUE, "import \"example.com/other/package\"\nother.x", "example.com/other/package"},
		{"cue syntax", CUE, "a: {}\nb: {\n", "line 2"},
		{"cue conflict", CUE, "a: 1\na: 2", "conflicting"},
		{"cel unknown", CEL, `nothing == 1`, "undeclared reference"},
		{"cel variables of the whole", CEL, `authorityMatches.size() > 0`, "undeclared reference"},
		{"cel syntax", CEL, "predicate.Data ==", "line 1"},
		{"cel number", CEL, "1 + 1", "not a boolean"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Compile(tt.language, tt.text, options)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("compiling gives %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestCUEIsGivenSoMuch(t *testing.T) {
	program, err := Compile(CUE, "a: string", options)
	if err != nil {
		t.Fatal(err)
	}
	input := func(size int) []byte { return []byte(`{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}`) }
	if err := program.Eval(input(maxCUE)); err != nil {
		t.Errorf("as much as can be: %v", err)
	}
	if err := program.Eval(input(maxCUE + 1)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a byte more gives %v", err)
	}
}

func TestRegoKnowsTheTimeThatIsGiven(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		`{ time.now_ns() == 1795219200000000000 }`: true,
		`{ time.now_ns() == 1795219200000000001 }`: false,
	} {
		program, err := Compile(Rego, isCompliant+text, Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if err := program.Eval([]byte(statement)); (err == nil) != want {
			t.Errorf("%s: %v, want it to hold: %v", text, err, want)
		}
	}
}

// TestBounded shows that an evaluation that does not end, or breaks off, is an error.
func TestBounded(t *testing.T) {
	endless := isCompliant + `{ count([x | numbers.range(1, 3000)[a]; numbers.range(1, 3000)[b]; numbers.range(1, 3000)[c]; x := a*b*c]) > 0 }`
	program, err := Compile(Rego, endless, options)
	if err != nil {
		t.Fatal(err)
	}
	program.timeout = 50 * time.Millisecond
	if err := program.Eval([]byte(statement)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("an endless policy gives %v", err)
	}
	program = &Program{timeout: time.Minute, run: func(context.Context, []byte) error { panic("on purpose") }}
	if err := program.Eval(nil); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("a panic gives %v", err)
	}
}

// TestZero shows that what was not compiled holds for nothing.
func TestZero(t *testing.T) {
	var none *Program
	for name, p := range map[string]*Program{"nil": none, "zero": {}} {
		if err := p.Eval([]byte(statement)); err == nil {
			t.Errorf("the %s program holds", name)
		}
	}
	if _, err := Compile("xml", "a", options); err == nil || !strings.Contains(err.Error(), "unknown policy language") {
		t.Errorf("an unknown language gives %v", err)
	}
	if _, err := Compile(CUE, strings.Repeat("a", MaxText+1), options); err == nil || !strings.Contains(err.Error(), "exceed the limit") {
		t.Errorf("a text that is too long gives %v", err)
	}
}
