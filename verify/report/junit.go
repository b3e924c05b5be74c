package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"github.com/plumb-dev/plumb/verify"
)

// The form of JUnit's report that Jenkins, GitLab and TeamCity read.
type (
	junitReport struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
		Error   *junitFailure `xml:"error"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the report as tests. Each rule is a suite: one test that passes if there
// is no finding, otherwise a test for each finding, which fails for an error and passes
// with output for a remark. A name that could not be queried is an error in a suite of
// its own.
func JUnit(w io.Writer, r Report) error {
	var suites []junitSuite
	for _, rule := range verify.Rules() {
		suites = append(suites, junitRule(rule, r.Findings))
	}
	if len(r.Failures) > 0 {
		s := junitSuite{Name: "plumb.queried", Errors: len(r.Failures)}
		for _, f := range r.Failures {
			s.Cases = append(s.Cases, junitCase{
				Name: f.Name, Class: s.Name, File: f.place().File, Time: "0",
				Error: &junitFailure{f.Error, "cannot tell", text(f.Error, f.Fix)}})
		}
		suites = append(suites, s)
	}
	out := junitReport{Name: "plumb verify", Suites: suites}
	for i := range suites {
		s := &suites[i]
		s.Tests, s.Time = len(s.Cases), "0"
		out.Tests += s.Tests
		out.Failures += s.Failures
		out.Errors += s.Errors
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

// junitRule is the suite of one rule.
func junitRule(rule verify.Rule, findings []verify.Finding) junitSuite {
	s := junitSuite{Name: "plumb." + rule.Name}
	seen := map[string]int{}
	for _, f := range findings {
		if f.Rule != rule.Name {
			continue
		}
		c := junitCase{Name: subject(f), Class: s.Name, File: f.File, Time: "0"}
		if seen[c.Name]++; seen[c.Name] > 1 {
			c.Name += " #" + strconv.Itoa(seen[c.Name])
		}
		if f.Severity == verify.Error {
			s.Failures++
			c.Failure = &junitFailure{f.Message, f.Rule, placed(f)}
		} else {
			c.Out = placed(f)
		}
		s.Cases = append(s.Cases, c)
	}
	if len(s.Cases) == 0 {
		s.Cases = []junitCase{{Name: "no finding", Class: s.Name, Time: "0"}}
	}
	return s
}
