package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/plumb-dev/plumb/verify"
)

// home is the page about plumb.
const home = "https://github.com/plumb-dev/plumb"

// maxResults is how many results of a run GitHub's code scanning accepts.
const maxResults = 25000

// The parts of SARIF 2.1.0 that plumb uses, under their names there.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool                `json:"tool"`
		Invocations []sarifInvocation        `json:"invocations"`
		Bases       map[string]sarifArtifact `json:"originalUriBaseIds"`
		ColumnKind  string                   `json:"columnKind"`
		Results     []sarifResult            `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifText    `json:"shortDescription"`
		Full    sarifText    `json:"fullDescription"`
		Help    sarifText    `json:"help"`
		HelpURI string       `json:"helpUri"`
		Default sarifDefault `json:"defaultConfiguration"`
		Bag     sarifBag     `json:"properties"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifBag struct {
		Tags []string `json:"tags"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifArtifact struct {
		URI         string     `json:"uri,omitempty"`
		BaseID      string     `json:"uriBaseId,omitempty"`
		Description *sarifText `json:"description,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// SARIF writes the report as SARIF 2.1.0. GitHub's code scanning refuses more than
// 25,000 results: of more, remarks are left out first, and the run has a warning. Its own
// fingerprint, primaryLocationLineHash, is left for its upload to compute.
func SARIF(w io.Writer, r Report) error {
	top := sarifArtifact{Description: &sarifText{Text: "The top of the repository."}}
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "plumb", Version: r.Version, InformationURI: home, Rules: sarifRules()}},
		Invocations: []sarifInvocation{{Successful: len(r.Failures) == 0}},
		Bases:       map[string]sarifArtifact{"%SRCROOT%": top},
		ColumnKind:  "utf16CodeUnits",
		Results:     []sarifResult{},
	}
	notify := func(level, text string) {
		notes := &run.Invocations[0].Notifications
		*notes = append(*notes, sarifNotification{level, sarifText{Text: text}})
	}
	for _, f := range r.Failures {
		notify("error", text(f.Name+": "+f.Error, f.Fix))
	}
	keep := kept(r.Findings)
	if n := len(r.Findings) - len(keep); n > 0 {
		notify("warning", fmt.Sprintf("%d of %d findings were left out, "+
			"since code scanning accepts %d.", n, len(r.Findings), maxResults))
	}
	prints := fingerprints(r.Findings)
	for _, i := range keep {
		run.Results = append(run.Results, r.sarifResult(r.Findings[i], prints[i]))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	const schema = "https://json.schemastore.org/sarif-2.1.0.json"
	return e.Encode(sarifLog{schema, "2.1.0", []sarifRun{run}})
}

// kept are the indices of the findings that fit into a run, in order.
func kept(findings []verify.Finding) []int {
	var errors, remarks []int
	for i, f := range findings {
		if f.Severity == verify.Error {
			errors = append(errors, i)
		} else {
			remarks = append(remarks, i)
		}
	}
	all := append(errors, remarks...)
	all = all[:min(len(all), maxResults)]
	slices.Sort(all)
	return all
}

func sarifRules() []sarifRule {
	var out []sarifRule
	for _, r := range verify.Rules() {
		e, _ := verify.Explain(r.Name)
		out = append(out, sarifRule{
			ID:    r.Name,
			Short: sarifText{Text: sentence(r.Says)},
			Full:  sarifText{Text: e.Why},
			Help: sarifText{
				Text: e.Why + "\n\nTo fix it: " + e.Fix,
				Markdown: e.Why + "\n\n**To fix it:** " + e.Fix +
					"\n\n```text\n" + e.Example + "\n```\n",
			},
			HelpURI: home + "#findings",
			Default: sarifDefault{sarifLevel(r.Severity)},
			Bag:     sarifBag{[]string{"supply-chain"}},
		})
	}
	return out
}

// sentence makes a sentence of a line: a capital and a full stop.
func sentence(line string) string {
	line = strings.TrimSuffix(line, ".")
	return strings.ToUpper(line[:1]) + line[1:] + "."
}

func sarifLevel(s verify.Severity) string {
	if s == verify.Error {
		return "error"
	}
	return "note"
}

func (r *Report) sarifResult(f verify.Finding, fingerprint string) sarifResult {
	region := sarifRegion{StartLine: f.Line}
	if r.Line != nil {
		if line, ok := r.Line(f.File, f.Line); ok {
			region.StartColumn = utf16Column(line, f.Column)
		}
	}
	named := func(r verify.Rule) bool { return r.Name == f.Rule }
	return sarifResult{
		RuleID:       f.Rule,
		RuleIndex:    slices.IndexFunc(verify.Rules(), named),
		Level:        sarifLevel(f.Severity),
		Message:      sarifText{Text: text(f.Message, f.Fix)},
		Locations:    []sarifLocation{{sarifPhysical{sarifFile(f.File), region}}},
		Fingerprints: map[string]string{"plumbFinding/v1": fingerprint},
	}
}

// sarifFile returns a file as a URI: relative to the repository, unless it is outside of
// that.
func sarifFile(name string) sarifArtifact {
	// A colon in the first part would end a scheme.
	a := sarifArtifact{URI: strings.ReplaceAll((&url.URL{Path: name}).EscapedPath(), ":", "%3A")}
	switch {
	case path.IsAbs(name):
		a.URI = "file://" + a.URI
	case name != ".." && !strings.HasPrefix(name, "../"):
		a.BaseID = "%SRCROOT%"
	}
	return a
}

// utf16Column converts a column from bytes to UTF-16 code units, both 1-based. A byte
// that is not valid UTF-8 counts as one, as in editors.
func utf16Column(line string, column int) int {
	before := line[:min(max(column-1, 0), len(line))]
	n := 1
	for _, c := range before {
		n += max(1, utf16.RuneLen(c))
	}
	return n
}
