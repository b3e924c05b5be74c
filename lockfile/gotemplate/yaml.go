package gotemplate

import (
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// maxNested is how deep YAML is read and written.
const maxNested = 100

// ParseValues reads a file of values. Its scalars know their places. What cannot be
// parsed is an Unknown.
func ParseValues(file, src string) Value {
	return parseYAML(src, []Piece{{Text: src, From: Origin{file, 0}}})
}

// fromText is fromYaml and fromJson.
func fromText(args []Value) Value {
	s := printed(last(args))
	if !certain(s.Pieces) {
		return Unknown{uncertain(s.Pieces)}
	}
	return parseYAML(s.String(), s.Pieces)
}

func parseYAML(src string, ps []Piece) Value {
	docs, err := new(yaml.Parser).Parse(src)
	if err != nil {
		return Unknown{"it reads a text that is no YAML"}
	}
	if len(docs) == 0 || docs[0].Root == nil {
		return NewMap()
	}
	r := &yamlReader{pieces: ps, budget: 200_000}
	return r.value(docs[0].Root, 0)
}

// yamlReader turns nodes into values.
type yamlReader struct {
	pieces []Piece
	budget int
}

func (r *yamlReader) value(n *yaml.Node, depth int) Value {
	for i := 0; n != nil && n.Kind == yaml.Alias && i < maxNested; i++ {
		n = n.Target
	}
	if r.budget--; n == nil || depth > maxNested || r.budget < 0 {
		return Unknown{"it is nested too deep"}
	}
	switch n.Kind {
	case yaml.Mapping:
		m := NewMap()
		r.entries(m, n, depth)
		return m
	case yaml.Sequence:
		l := &List{}
		for c := n.FirstChild; c != nil; c = c.Next {
			l.Items = append(l.Items, r.value(c, depth+1))
		}
		return l
	}
	if n.IsNull() {
		return nil
	}
	s := Scalar{Pieces: r.scalar(n)}
	if !n.IsString() {
		s.Kind = Number
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on", "y":
			s.Kind, s.Pieces[0].Text = Bool, "true"
		case "false", "no", "off", "n":
			s.Kind, s.Pieces[0].Text = Bool, "false"
		default:
			s.Pieces[0].Text = printedNumber(n.Value)
		}
	}
	return s
}

func (r *yamlReader) entries(m *Map, n *yaml.Node, depth int) {
	for k := n.FirstChild; k != nil; k = k.Next.Next {
		if k.Value == "<<" && k.Style == yaml.Plain {
			r.merge(m, k.Next, depth)
		}
	}
	for k := n.FirstChild; k != nil; k = k.Next.Next {
		if k.Value != "<<" || k.Style != yaml.Plain {
			m.Entries[k.Value] = r.value(k.Next, depth+1)
		}
	}
}

func (r *yamlReader) merge(m *Map, n *yaml.Node, depth int) {
	sources := []Value{r.value(n, depth+1)}
	if l, ok := sources[0].(*List); ok {
		sources = l.Items
	}
	for i := len(sources) - 1; i >= 0; i-- {
		if from, ok := sources[i].(*Map); ok {
			for k, v := range from.Entries {
				m.Entries[k] = v
			}
		}
	}
}

// scalar is the text of n with its origin.
func (r *yamlReader) scalar(n *yaml.Node) []Piece {
	at := 0
	for _, p := range r.pieces {
		if n.Start < at+len(p.Text) || at+len(p.Text) == n.Start && n.Start == n.End {
			q := Piece{Text: n.Value, From: p.From, Computed: p.Computed}
			q.From.Offset += max(n.Start-at, 0)
			if n.Style == yaml.DoubleQuoted || n.Style == yaml.SingleQuoted {
				// "a" + b: the quotes and what is in them are pieces of their own
				if inner := r.within(n); inner != nil {
					return inner
				}
			}
			if inner := r.within(n); len(r.pieces) > 1 && inner != nil {
				return inner
			}
			return []Piece{q}
		}
		at += len(p.Text)
	}
	return []Piece{{Text: n.Value}}
}

// within are the pieces that the value of n is made of, where it stands as it is; nil
// where there is but one piece anyway.
func (r *yamlReader) within(n *yaml.Node) []Piece {
	if len(r.pieces) < 2 || n.Value == "" {
		return nil
	}
	start := n.Start
	if n.Style != yaml.Plain {
		start++
	}
	ps := cut(r.pieces, start, start+len(n.Value))
	if join(ps) != n.Value {
		return nil
	}
	return ps
}

// printedNumber is a number as Helm prints it: 1.10 is 1.1 to it.
func printedNumber(s string) string {
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, ".eE") {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return s
}

// toText is toYaml and toJson.
func toText(args []Value) Value {
	w := &yamlWriter{}
	w.value(last(args), 0, false)
	return Scalar{Pieces: w.out}
}

type yamlWriter struct{ out []Piece }

func (w *yamlWriter) text(s string) { w.out = append(w.out, literal(s).Pieces...) }

func (w *yamlWriter) value(v Value, indent int, inItem bool) {
	pad := strings.Repeat(" ", indent)
	if indent > 2*maxNested || len(w.out) > maxReach {
		w.out = append(w.out, Piece{Why: "it is nested too deep"})
		return
	}
	switch v := v.(type) {
	case *Map:
		if len(v.Entries) == 0 {
			w.text("{}")
			return
		}
		for i, k := range v.keys() {
			if i > 0 || !inItem {
				w.line(pad, i)
			}
			w.text(plainKey(k) + ":")
			w.nested(v.Entries[k], indent)
		}
	case *List:
		if len(v.Items) == 0 {
			w.text("[]")
			return
		}
		for i, item := range v.Items {
			if i > 0 || !inItem {
				w.line(pad, i)
			}
			w.text("- ")
			w.value(item, indent+2, true)
		}
	case Choice:
		var p Piece
		for _, a := range v.Alts {
			inner := &yamlWriter{}
			inner.value(a, indent, inItem)
			p.Alts = append(p.Alts, inner.out)
		}
		w.out = append(w.out, p)
	case nil:
		w.text("null")
	default:
		w.scalar(v)
	}
}

// line begins a line, but for the first one of all.
func (w *yamlWriter) line(pad string, i int) {
	if i > 0 || len(w.out) > 0 {
		w.text("\n" + pad)
	}
}

func (w *yamlWriter) nested(v Value, indent int) {
	switch v := v.(type) {
	case *Map:
		if len(v.Entries) > 0 {
			w.value(v, indent+2, false)
			return
		}
	case *List:
		if len(v.Items) > 0 {
			w.value(v, indent, false)
			return
		}
	}
	w.text(" ")
	w.value(v, indent, false)
}

func (w *yamlWriter) scalar(v Value) {
	s, isScalar := v.(Scalar)
	ps := pieces(v)
	text := join(ps)
	switch {
	case isScalar && s.Kind != String || !certain(ps):
		w.out = append(w.out, ps...)
	case strings.ContainsAny(text, "\n\r\t\"\\"):
		q := computed(ps, strconv.Quote(text))
		q[0].Computed = false
		w.out = append(w.out, q...)
	default:
		w.out = append(w.out, quoted(ps, `"`)...)
	}
}

func plainKey(k string) string {
	if k != "" && strings.Trim(k, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") == "" &&
		strings.Trim(k, "0123456789.-") != "" {
		return k
	}
	return strconv.Quote(k)
}
