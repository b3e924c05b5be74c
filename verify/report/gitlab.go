package report

import (
	"cmp"
	"encoding/json"
	"io"

	"github.com/plumb-dev/plumb/verify"
)

// The parts of GitLab's code quality format that plumb uses.
type (
	gitlabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"`
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
	}
)

// GitLab writes the report as code quality, which merge requests show: errors are
// major, remarks info. A name that could not be queried is an issue at the first place
// that names it, as the format has nothing else for it.
func GitLab(w io.Writer, r Report) error {
	issues := []gitlabIssue{}
	all := append(gitlabFailures(r.Failures), r.Findings...)
	prints := fingerprints(all)
	for i, f := range all {
		severity := "info"
		switch {
		case i < len(r.Failures):
			severity = "critical"
		case f.Severity == verify.Error:
			severity = "major"
		}
		description := f.Message
		if f.Fix != "" {
			description += " (" + f.Fix + ")"
		}
		at := gitlabLocation{f.File, gitlabLines{f.Line}}
		issues = append(issues, gitlabIssue{description, f.Rule, prints[i], severity, at})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(issues)
}

// gitlabFailures are failures in the form of findings.
func gitlabFailures(failures []Failure) []verify.Finding {
	var out []verify.Finding
	for _, f := range failures {
		place := f.place()
		out = append(out, verify.Finding{Rule: "queried", Severity: verify.Error,
			File: cmp.Or(place.File, "plumb.lock"), Line: max(place.Line, 1),
			Reference: f.Name, Message: f.Name + ": " + f.Error, Fix: f.Fix})
	}
	return out
}
