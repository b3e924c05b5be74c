package main

import (
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// markdown is verify's report as a pull request's summary.
func (r *verifyReport) markdown() string {
	m := &markdown{}
	switch {
	case !r.OK && r.Summary.Errors == 0:
		m.add("### plumb cannot tell\n")
	case !r.OK:
		m.add("### plumb: %s\n", cli.Count(r.Summary.Errors, "error", "errors"))
	default:
		m.add("### plumb: %s pinned and locked\n", cli.Count(r.Summary.References, "reference is", "references are"))
	}
	switch {
	case r.Base == "":
	case len(r.Changes) == 0:
		m.add("\nSince %s, nothing in plumb.lock has changed.\n", code(r.Base))
	default:
		m.add("\nSince %s, in plumb.lock:\n\n", code(r.Base))
		m.changes(r.Changes)
	}
	if len(r.Findings) > 0 {
		m.add("\n")
		m.findings(r.Findings)
	}
	m.failures("asked for", r.Failures)
	return m.done()
}

// markdown is the report of lock and lock update.
func (r *lockReport) markdown() string {
	m := &markdown{}
	m.add("### plumb %s: %s\n", strings.ReplaceAll(r.mode.name, "-", " "), r.outcome())
	if len(r.Changes) > 0 {
		m.add("\n")
		m.changes(r.Changes)
	}
	if r.mode.diff && len(r.writes) > 0 {
		m.diff(r)
	}
	if len(r.Problems) > 0 {
		m.add("\n")
	}
	for _, p := range r.Problems {
		m.add("- %s %s %s\n", code(fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)), code(p.Reference), plainMarkdown(p.Message)+mends(p.Fix))
	}
	m.failures("resolved", r.Failures)
	return m.done()
}

// mends is what mends something, behind what tells of it.
func mends(fix string) string {
	if fix == "" {
		return ""
	}
	return "<br>" + plainMarkdown(fix)
}

// diff adds the patch, file by file, folded.
func (m *markdown) diff(r *lockReport) {
	m.add("\n<details><summary>%s</summary>\n\n", cli.Count(len(r.writes), "file", "files"))
	for _, w := range r.writes {
		text := unified(w.patched, w.Write)
		fence := "```"
		for strings.Contains(text, fence) {
			fence += "`"
		}
		m.add("%sdiff\n%s%s\n", fence, text, fence)
	}
	m.WriteString("\n</details>\n")
}

// failures adds what nobody could tell, and why.
func (m *markdown) failures(what string, failures []failed) {
	if len(failures) > 0 {
		m.add("\n")
	}
	for _, f := range failures {
		m.add("- %s could not be %s: %s (%s)%s\n", code(f.Name), what, plainMarkdown(f.Error), where(f.Places), mends(f.Fix))
	}
}

// markdown is outdated's report.
func (r *outdatedReport) markdown() string {
	m := &markdown{}
	m.add("### plumb outdated: %d of %s moved\n", len(r.Outdated), cli.Count(r.total, "name", "names"))
	if len(r.Outdated) > 0 {
		m.add("\n| what | name | from | to | where |\n|---|---|---|---|---|\n")
	}
	for _, o := range r.Outdated {
		var what []string
		if o.Old != o.New {
			what = append(what, "**tag unchanged, digest moved**")
		}
		if o.Tag != "" {
			what = append(what, code(o.Tag)+" is newer, in the range "+code(o.Range))
		}
		m.add("| %s | %s | %s | %s | %s |\n", strings.Join(what, "; "), code(o.Name), code(short(o.Old)), code(short(o.New)), where(o.Places))
	}
	m.failures("resolved", r.Failures)
	return m.done()
}
