package policy

import (
	"context"
	"strings"
	"testing"
	"time"
)

const statement = `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://example.com/scan/v1",` +
	`"subject":[{"name":"ghcr.io/acme/app","digest":{"sha256":"aa"}}],"predicate":{"Data":"clean","findings":3,"Timestamp":"2026-01-02T03:04:05Z"}}`

const isCompliant = "package sigstore\nisCompliant "

// TestRules evaluates policies on an attestation; want is "" where the policy holds, else part of why not.
func TestRules(t *testing.T) {
	tests := []struct{ name, language, text, want string }{
		{"cue equal", "cue", `predicate: Data: "clean"`, ""},
		{"cue other", "cue", `predicate: Data: "dirty"`, "conflicting values"},
		{"cue bound", "cue", `predicate: findings: <5`, ""},
		{"cue beyond bound", "cue", `predicate: findings: <3`, "out of bound"},
		{"cue helper", "cue", "import \"time\"\nbefore: time.Parse(time.RFC3339, \"2049-10-09T17:10:27Z\")\npredicate: Timestamp: <before", ""},
		{"cue helper beyond", "cue", "import \"time\"\nbefore: time.Parse(time.RFC3339, \"2022-10-09T17:10:27Z\")\npredicate: Timestamp: <before", "out of bound"},
		{"cue demanded", "cue", `predicate: Data!: "clean"`, ""},
		{"cue demanded, absent", "cue", `predicate: Approval!: string`, "required"},
		{"cue absent is no conflict", "cue", `predicate: Approval: "yes"`, ""},

		{"rego true", "rego", isCompliant + `{ input.predicate.Data == "clean" }`, ""},
		{"rego undefined", "rego", isCompliant + `{ input.predicate.Data == "dirty" }`, "isCompliant is not true"},
		{"rego false", "rego", "package sigstore\ndefault isCompliant = false", "isCompliant is not true"},
		{"rego another package", "rego", "package other\nisCompliant { true }", "isCompliant is not true"},
		{"rego text", "rego", isCompliant + `= "true" { true }`, "isCompliant is not true"},
		{"rego object", "rego", isCompliant + `[r] { r := {"result": input.predicate.findings < 5, "error": "too many", "warning": ""} }`, ""},
		{"rego object fails", "rego", isCompliant + `[r] { r := {"result": input.predicate.findings < 3, "error": "too many"} }`, "too many"},
		{"rego object warns", "rego", isCompliant + `[r] { r := {"result": true, "warning": "old scanner"} }`, "warning: old scanner"},
		{"rego set of others", "rego", isCompliant + `[r] { r := "yes" }`, "no result that is true"},
		{"rego empty set", "rego", isCompliant + `[r] { r := "yes"; false }`, "no result that is true"},
		{"rego large number", "rego", isCompliant + `{ input.predicate.findings + 9007199254740993 == 9007199254740996 }`, ""},

		{"cel true", "cel", `predicate.Data == "clean" && predicate.findings < 5`, ""},
		{"cel false", "cel", `predicate.Data == "dirty"`, "false"},
		{"cel input", "cel", `input.predicate.Data == predicate.Data && _type.startsWith("https://in-toto.io/")`, ""},
		{"cel list", "cel", `subject.exists(s, s.digest.sha256 == "aa")`, ""},
		{"cel list without", "cel", `subject.exists(s, s.digest.sha256 == "bb")`, "false"},
		{"cel absent", "cel", `predicate.approval == "yes"`, "no such key"},
		{"cel absent, asked for", "cel", `!has(predicate.approval)`, ""},
		{"cel time", "cel", `timestamp(predicate.Timestamp) < timestamp("2027-01-01T00:00:00Z")`, ""},
		{"cel no boolean", "cel", `predicate.Data`, "not a boolean"},
		{"cel too dear", "cel", `"` + strings.Repeat("a", 300) + `".matches("(a*)*b") || ` +
			`[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, [1,2,3,4,5,6,7,8,9,10].all(g, true)))))))`, "cost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			eval, err := languages[tt.language](tt.text, false, time.Time{})
			if err != nil {
				t.Fatalf("compiling: %v", err)
			}
			r := rule{language: tt.language, eval: eval}
			err = r.holds(time.Minute, []byte(statement))
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
	tests := []struct{ name, language, text, want string }{
		{"rego http", "rego", isCompliant + `{ http.send({"method": "GET", "url": "http://127.0.0.1/"}).status_code == 200 }`, "http.send"},
		{"rego dns", "rego", isCompliant + `{ net.lookup_ip_addr("localhost") }`, "net.lookup_ip_addr"},
		{"rego environment", "rego", isCompliant + `{ opa.runtime().env.HOME }`, "opa.runtime"},
		{"rego chance", "rego", isCompliant + `{ rand.intn("x", 2) == 0 }`, "rand.intn"},
		{"rego uuid", "rego", isCompliant + `{ uuid.rfc4122("x") }`, "uuid.rfc4122"},
		{"rego time", "rego", isCompliant + `{ time.now_ns() > 0 }`, "time.now_ns"},
		{"rego certificates now", "rego", isCompliant + `{ crypto.x509.parse_and_verify_certificates("x") }`, "crypto.x509"},
		{"rego token now", "rego", isCompliant + `{ io.jwt.decode_verify("x", {}) }`, "io.jwt.decode_verify"},
		{"rego unsafe", "rego", isCompliant + `{ x > 1 }`, "unsafe"},
		{"rego syntax", "rego", "package sigstore\nisCompliant {", "line 2"},
		{"cue file", "cue", "import \"example.com/other/package\"\nother.x", "example.com/other/package"},
		{"cue syntax", "cue", "a: {}\nb: {\n", "line 2"},
		{"cue conflict", "cue", "a: 1\na: 2", "conflicting"},
		{"cel unknown", "cel", `nothing == 1`, "undeclared reference"},
		{"cel variables of the whole", "cel", `authorityMatches.size() > 0`, "undeclared reference"},
		{"cel syntax", "cel", "predicate.Data ==", "line 1"},
		{"cel number", "cel", "1 + 1", "not a boolean"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := languages[tt.language](tt.text, false, time.Time{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("compiling gives %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestCUEIsGivenSoMuch(t *testing.T) {
	eval, err := compileCUE("a: string", false, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	input := func(size int) []byte { return []byte(`{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}`) }
	if err := eval(t.Context(), input(maxCUE)); err != nil {
		t.Errorf("as much as can be: %v", err)
	}
	if err := eval(t.Context(), input(maxCUE+1)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a byte more gives %v", err)
	}
}

func TestRegoKnowsTheTimeThatIsGiven(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		`{ time.now_ns() == 1795219200000000000 }`: true,
		`{ time.now_ns() == 1795219200000000001 }`: false,
	} {
		eval, err := compileRego(isCompliant+text, false, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := eval(t.Context(), []byte(statement)); (err == nil) != want {
			t.Errorf("%s: %v, want it to hold: %v", text, err, want)
		}
	}
}

// TestBounded shows that an evaluation that does not end, or breaks off, is an error.
func TestBounded(t *testing.T) {
	eval, err := compileRego(isCompliant+`{ count([x | numbers.range(1, 3000)[a]; numbers.range(1, 3000)[b]; numbers.range(1, 3000)[c]; x := a*b*c]) > 0 }`, false, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	r := rule{eval: eval}
	if err := r.holds(50*time.Millisecond, []byte(statement)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("an endless policy gives %v", err)
	}
	r = rule{eval: func(_ context.Context, _ []byte) error { panic("on purpose") }}
	if err := r.holds(time.Minute, nil); err == nil || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("a panic gives %v", err)
	}
	if err := (&rule{}).holds(time.Minute, nil); err == nil {
		t.Error("a rule without text holds")
	}
}
