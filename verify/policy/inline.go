package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Inlined is an external field and the text to put in its place.
type Inlined struct {
	External
	Text []byte // the value
}

// Inline returns a file with the text of external fields in it as data: a public key, a
// certificate or a policy, which the text is checked to be. Every other byte stays as
// it is, and so do comments. Where that cannot be, the error says what to write by
// hand. The fields must be those that Externals found in doc.
func Inline(doc Document, fields []Inlined) ([]byte, error) {
	var edits []manifest.Edit
	for _, f := range fields {
		if err := f.check(f.Text); err != nil {
			return nil, f.Errorf("what %s holds cannot stand there: %v", f, err)
		}
		more, err := f.edits(string(f.Text))
		if err != nil {
			return nil, f.Errorf("%v: write it as data by hand", err)
		}
		edits = append(edits, more...)
	}
	out, err := manifest.Apply(doc.Data, edits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doc.File, err)
	}
	return out, reads(doc, out, fields)
}

// reads checks that a document which was edited says what it said, but for the fields.
func reads(doc Document, edited []byte, fields []Inlined) error {
	var before, after yaml.Parser
	was, err := before.Parse(string(doc.Data))
	if err != nil {
		return err
	}
	is, err := after.Parse(string(edited))
	if err != nil {
		return fmt.Errorf("%s: it would not be YAML any more: %w", doc.File, err)
	}
	texts := map[int]string{}
	for _, f := range fields {
		texts[f.key.Start] = string(f.Text)
	}
	same := len(was) == len(is)
	for i := 0; same && i < len(was); i++ {
		same = says(was[i].Root, is[i].Root, texts)
	}
	if !same {
		return fmt.Errorf("%s: it would not read as it should: put the data in by hand", doc.File)
	}
	return nil
}

// says reports whether two nodes are the same, but for the keys at the places of texts, in
// whose stead there is the text as data.
func says(was, is *yaml.Node, texts map[int]string) bool {
	if was == nil || is == nil {
		return was == is
	}
	if was.Kind != is.Kind || was.Style != is.Style || was.Value != is.Value || was.Tag != is.Tag ||
		was.Anchor != is.Anchor {
		return false
	}
	w, i := was.FirstChild, is.FirstChild
	mapping := was.Kind == yaml.Mapping
	for isKey := mapping; w != nil && i != nil; isKey = !isKey && mapping {
		if text, ok := texts[w.Start]; ok && isKey {
			if i.Value != "data" || i.Next == nil || i.Next.Kind != yaml.Scalar ||
				i.Next.Value != text {
				return false
			}
			w, i, isKey = w.Next.Next, i.Next.Next, false // and the next is a key again
			continue
		}
		if !says(w, i, texts) {
			return false
		}
		w, i = w.Next, i.Next
	}
	return w == nil && i == nil
}

// edits replace the field by its text: as a block of lines where it can stand as one,
// else as a string in quotes.
func (e External) edits(text string) ([]manifest.Edit, error) {
	if e.key.Opaque || e.value.Opaque || e.value.Start < e.key.End {
		return nil, errors.New("its place cannot be established")
	}
	shared := func(n *yaml.Node) bool { return n.Anchor != "" || n.Opaque }
	if e.value.Anchor != "" || slices.ContainsFunc(nodes(e.value), shared) {
		return nil, errors.New("an alias elsewhere may stand for a part of it")
	}
	src := *e.source
	comments, err := e.comments()
	if err != nil {
		return nil, err
	}
	name := "data"
	if e.key.Style == yaml.DoubleQuoted {
		name = `"data"`
	}
	old := src[e.key.Start:e.value.End]
	if block, ok := e.block(text); ok && len(comments) == 0 {
		line := lineEnd(src, e.value.End)
		return []manifest.Edit{
			{Start: e.key.Start, End: e.value.End, Old: old, New: name + ": " + block.header},
			{Start: line, End: line, New: block.body},
		}, nil
	}
	quoted := name + ": " + quote(text)
	for _, c := range comments {
		quoted += c
	}
	return []manifest.Edit{{Start: e.key.Start, End: e.value.End, Old: old, New: quoted}}, nil
}

// comments are those inside of the field, each with the space and line break
// before it. A comment ends its line, so they can stand only where lines may end.
func (e External) comments() ([]string, error) {
	src, last := *e.source, e.key.End
	var out []string
	for _, n := range append(leaves(e.value), &yaml.Node{Start: e.value.End}) {
		if n.Start < last {
			continue
		}
		gap := src[last:n.Start]
		if i := strings.IndexByte(gap, '#'); i >= 0 {
			if e.braces || e.value.Style == yaml.Flow {
				return nil, errors.New("there is a comment inside of braces")
			}
			gap = strings.TrimLeft(gap, ":")
			out = append(out, strings.TrimRightFunc(gap, unicode.IsSpace))
		}
		last = max(last, n.End)
	}
	return out, nil
}

// block is a text as a block scalar.
type block struct{ header, body string }

// block returns the text as a block scalar, where the field stands in a mapping of lines
// of its own and what follows it would not become a part of the text.
func (e External) block(text string) (block, bool) {
	src := *e.source
	start := strings.LastIndexByte(src[:e.key.Start], '\n') + 1
	before, indent := src[start:e.key.Start], e.key.Start-start
	if e.braces || strings.Trim(before, " -") != "" || !plainLines(text) {
		return block{}, false
	}
	rest := src[e.value.End:lineEnd(src, e.value.End)]
	if trimmed := strings.TrimLeft(rest, " \t"); trimmed != "" &&
		(trimmed == rest || trimmed[0] != '#') {
		return block{}, false // as in braces
	}
	indent += 2
	for line := range strings.SplitSeq(src[lineEnd(src, e.value.End):], "\n") {
		content := strings.TrimLeft(line, " ")
		if strings.TrimSpace(content) == "" {
			continue
		}
		if len(line)-len(content) >= indent {
			return block{}, false // a comment, which would become a part of it
		}
		break
	}
	eol := "\n"
	if i := strings.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		eol = "\r\n"
	}
	header := "|"
	if !strings.HasSuffix(text, "\n") {
		header = "|-"
	}
	var body strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		body.WriteString(eol)
		if line != "" {
			body.WriteString(strings.Repeat(" ", indent) + line)
		}
	}
	if lineEnd(src, e.value.End) == len(src) && header == "|" {
		body.WriteString(eol) // or the last line would not end
	}
	return block{header, body.String()}, true
}

// plainLines reports whether a text reads as itself in a block scalar that says
// nothing of its indentation, and ends in at most one line break.
func plainLines(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	return utf8.ValidString(text) && strings.TrimSpace(first) != "" &&
		strings.TrimLeft(first, " \t") == first &&
		!strings.HasSuffix(text, "\n\n") && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && !unicode.IsPrint(r)
	})
}

// quote writes a text as a JSON string, which YAML reads as well.
func quote(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string, into memory
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\u0085", `\u0085`)
}

// lineEnd is where the line of an offset ends, before its break.
func lineEnd(src string, offset int) int {
	i := strings.IndexByte(src[offset:], '\n')
	switch {
	case i < 0:
		return len(src)
	case i > 0 && src[offset+i-1] == '\r':
		return offset + i - 1
	}
	return offset + i
}

// nodes returns all below n.
func nodes(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	for c := n.FirstChild; c != nil; c = c.Next {
		out = append(append(out, c), nodes(c)...)
	}
	return out
}

// leaves returns n or, if it has parts, all of these that have none.
func leaves(n *yaml.Node) []*yaml.Node {
	return slices.DeleteFunc(append([]*yaml.Node{n}, nodes(n)...),
		func(n *yaml.Node) bool { return n.FirstChild != nil })
}
