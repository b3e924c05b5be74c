package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify"
)

// maxMarkdown bounds a document, in bytes: GitHub refuses longer comments.
const maxMarkdown = 65_000

// Document is a document in GitHub's Markdown that is being written. Blocks that would
// make it too long are counted instead. The zero Document is empty.
type Document struct {
	strings.Builder
	left int
}

// room is kept free for the line that says how many blocks were left out.
const room = 200

// Add adds a block of lines, whole or not at all.
func (m *Document) Add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if m.Len()+len(text) > maxMarkdown-room {
		m.left++
		return
	}
	m.WriteString(text)
}

// Done returns the document.
func (m *Document) Done() string {
	if m.left > 0 {
		fmt.Fprintf(m, "\n%s of this summary had no room; "+
			"`plumb verify` and `plumb lock --check` say all.\n", count(m.left, "line", "lines"))
	}
	return m.String()
}

// Plain escapes text so that it is one line of plain text in Markdown, also in a table's
// cell.
func Plain(s string) string {
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

// Code returns text as a code span of one line, also for a table's cell.
func Code(s string) string {
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

// Short returns the start of a digest, enough for people to compare.
func Short(digest string) string {
	const hex = 12
	if i := strings.IndexByte(digest, ':'); i >= 0 && len(digest) > i+1+hex {
		return digest[:i+1+hex]
	}
	return digest
}

// AddChanges adds a table of the changes of locks. Those that need a look come first: a
// tag that means something else although no commit changed it.
func (m *Document) AddChanges(changes []Change) {
	m.Add("| what | name | from | to | where |\n|---|---|---|---|---|\n")
	for _, group := range byReason(changes) {
		for _, c := range group {
			m.Add("| %s | %s | %s | %s | %s |\n", whatChanged(c), Code(c.Name),
				Code(Short(c.Old)), Code(Short(c.New)), Where(c.Places))
		}
	}
}

func whatChanged(c Change) string {
	switch c.Reason {
	case lockfile.Moved:
		return "**" + c.moved() + "**"
	case lockfile.StaleTag:
		return "**tag edited, digest left behind**, was " + Code(c.From)
	case lockfile.TagMoved:
		if c.From == "" {
			return "newest in its range, was " + Plain(c.OldVersion)
		}
		return "tag moved in its range, was " + Code(c.From)
	case lockfile.TagEdited:
		return "tag edited, was " + Code(c.From)
	case lockfile.KeptPin:
		return "the manifests' pin is kept"
	}
	return Plain(string(c.Reason))
}

// fewPlaces is how many places a table's cell lists before they are folded.
const fewPlaces = 3

// Where lists places for a table's cell.
func Where(places []Place) string {
	var all []string
	for _, p := range places {
		text := Code(p.String())
		if p.Object != "" {
			text = Plain(p.Object) + " (" + text + ")"
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
	return fmt.Sprintf("<details><summary>%s</summary>%s%s</details>",
		count(len(places), "place", "places"), strings.Join(all, "<br>"), rest)
}

// addFindings adds a table of findings, errors first.
func (m *Document) addFindings(findings []verify.Finding) {
	m.Add("| place | rule | finding |\n|---|---|---|\n")
	for _, severity := range []verify.Severity{verify.Error, verify.Remark} {
		for _, f := range findings {
			if f.Severity != severity {
				continue
			}
			place := Code(fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column))
			rule := Code(f.Rule)
			if severity == verify.Remark {
				rule += " (a remark)"
			}
			m.Add("| %s | %s | %s |\n", place, rule, Plain(f.Message)+Fix(f.Fix))
		}
	}
}

// Fix returns how to fix something, to be written after its message; "" for "".
func Fix(fix string) string {
	if fix == "" {
		return ""
	}
	return "<br>" + Plain(fix)
}

// AddFailures adds a list of the names that could not be queried or, in general, not be
// what, such as "resolved".
func (m *Document) AddFailures(what string, failures []Failure) {
	if len(failures) > 0 {
		m.Add("\n")
	}
	for _, group := range ByCause(failures) {
		names := group.Names()
		for i, name := range names {
			names[i] = Code(name)
		}
		m.Add("- %s could not be %s: %s (%s)%s\n", Some(names), what, Plain(group.Text()),
			Where(group.Places()), Fix(group[0].Fix))
	}
}

// Markdown writes the report as a pull request's summary.
func Markdown(w io.Writer, r Report) error {
	m := &Document{}
	switch {
	case !r.OK && r.Summary.Errors == 0:
		m.Add("### plumb cannot tell\n")
	case !r.OK:
		m.Add("### plumb: %s\n", count(r.Summary.Errors, "error", "errors"))
	default:
		m.Add("### plumb: %s pinned and locked\n",
			count(r.Summary.References, "reference is", "references are"))
	}
	switch {
	case r.Base == "":
	case len(r.Changes) == 0:
		m.Add("\nSince %s, nothing in plumb.lock has changed.\n", Code(r.Base))
	default:
		m.Add("\nSince %s, in plumb.lock:\n\n", Code(r.Base))
		m.AddChanges(r.Changes)
	}
	if len(r.Findings) > 0 {
		m.Add("\n")
		m.addFindings(r.Findings)
	}
	m.AddFailures("queried", r.Failures)
	_, err := io.WriteString(w, m.Done())
	return err
}
