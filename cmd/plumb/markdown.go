package main

import (
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
)

// maxMarkdown bounds a document, in bytes: GitHub takes no longer comment.
const maxMarkdown = 65_000

// markdown is a document in GitHub's Markdown that is being written. What would
// make it too long is counted instead.
type markdown struct {
	strings.Builder
	left int
}

// room is kept for the line that says what was left out.
const room = 200

// add adds a block of lines, whole or not at all.
func (m *markdown) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if m.Len()+len(text) > maxMarkdown-room {
		m.left++
		return
	}
	m.WriteString(text)
}

// done returns the document.
func (m *markdown) done() string {
	if m.left > 0 {
		fmt.Fprintf(m, "\n%s of this summary had no room; `plumb verify` and `plumb lock --check` say all.\n", cli.Count(m.left, "line", "lines"))
	}
	return m.String()
}

// plain makes one line that Markdown takes as it is, in a table's cell as well.
func plainMarkdown(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]()#+!|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '@': // "@team" calls people
			b.WriteString("@\u200b")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code makes a code span of one line, for a table's cell as well.
func code(s string) string {
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// short is a digest as people compare them.
func short(digest string) string {
	const hex = 12
	if i := strings.IndexByte(digest, ':'); i >= 0 && len(digest) > i+1+hex {
		return digest[:i+1+hex]
	}
	return digest
}

// changes adds a table of what changes in locks. What to look at comes first: a
// tag that means something else without a commit that says so.
func (m *markdown) changes(changes []changed) {
	m.add("| what | name | from | to | where |\n|---|---|---|---|---|\n")
	for _, group := range byReason(changes) {
		for _, c := range group {
			m.add("| %s | %s | %s | %s | %s |\n", whatChanged(c), code(c.Name), code(short(c.Old)), code(short(c.New)), where(c.Places))
		}
	}
}

func whatChanged(c changed) string {
	switch resolver.Reason(c.Reason) {
	case resolver.Moved:
		return "**tag unchanged, digest moved**"
	case resolver.StaleTag:
		return "**tag edited, digest left behind**, was " + code(c.From)
	case resolver.TagMoved:
		return "tag moved in its range, was " + code(c.From)
	case resolver.TagEdited:
		return "tag edited, was " + code(c.From)
	case resolver.KeptPin:
		return "the manifests' pin is kept"
	}
	return plainMarkdown(c.Reason)
}

// fewPlaces is how many places stand in a table's cell before they are folded.
const fewPlaces = 3

// where lists places in a cell.
func where(places []spot) string {
	var all []string
	for _, p := range places {
		text := code(p.String())
		if p.who != "" {
			text = plainMarkdown(p.who) + " (" + text + ")"
		}
		all = append(all, text)
	}
	if len(all) <= fewPlaces {
		return strings.Join(all, ", ")
	}
	const most = 100
	rest := ""
	if len(all) > most {
		all, rest = all[:most], fmt.Sprintf(" and %d more", len(all)-most)
	}
	return fmt.Sprintf("<details><summary>%s</summary>%s%s</details>", cli.Count(len(places), "place", "places"), strings.Join(all, "<br>"), rest)
}

// findings adds a table of findings, errors first.
func (m *markdown) findings(findings []verify.Finding) {
	m.add("| place | rule | finding |\n|---|---|---|\n")
	for _, severity := range []verify.Severity{verify.Error, verify.Remark} {
		for _, f := range findings {
			if f.Severity != severity {
				continue
			}
			text := plainMarkdown(f.Message) + mends(f.Fix)
			rule := code(f.Rule)
			if severity == verify.Remark {
				rule += " (a remark)"
			}
			m.add("| %s | %s | %s |\n", code(fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)), rule, text)
		}
	}
}
