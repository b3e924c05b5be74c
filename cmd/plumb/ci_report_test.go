package main_test

import (
	"encoding/json"
	"encoding/xml"
	"testing"
)

// codeQuality reads what GitLab shows in a merge request.
func codeQuality(t *testing.T, data []byte) int {
	t.Helper()
	var found []struct {
		Description, Fingerprint, Severity string
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal(data, &found); err != nil || found == nil {
		t.Fatalf("%v\n%s", err, data)
	}
	for _, f := range found {
		if f.Description == "" || f.Fingerprint == "" || f.Severity == "" ||
			f.Location.Path != "apps/b.yaml" || f.Location.Lines.Begin != 6 {
			t.Errorf("the report has the finding %+v", f)
		}
	}
	return len(found)
}

// junit reads what Jenkins and TeamCity show.
func junit(t *testing.T, data []byte) int {
	t.Helper()
	var report struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []struct {
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(data, &report); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	cases, failures := 0, 0
	for _, s := range report.Suites {
		for _, c := range s.Cases {
			cases++
			if c.Failure != nil {
				failures++
			}
		}
	}
	if cases == 0 {
		t.Errorf("the report has no test:\n%s", data)
	}
	return failures
}

// sarifResults counts what GitHub shows as code scanning.
func sarifResults(t *testing.T, file string) int {
	t.Helper()
	var report struct {
		Version string
		Runs    []struct{ Results []json.RawMessage }
	}
	text := readFile(t, file)
	err := json.Unmarshal([]byte(text), &report)
	if err != nil || report.Version != "2.1.0" || len(report.Runs) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	return len(report.Runs[0].Results)
}
