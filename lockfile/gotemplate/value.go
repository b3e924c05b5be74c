package gotemplate

import (
	"slices"
	"strings"
)

// Origin is a place in a file.
type Origin struct {
	File   string // "" where it is not known
	Offset int    // in bytes
}

// Piece is a run of text that has one origin.
type Piece struct {
	Text string
	// From is where the first byte of Text stands: in a template, in a file of values, or
	// in a file that a template prints.
	From Origin
	// Site is the outermost action that printed it; zero for a template's own text.
	Site Origin
	// Plain says that the text stands in a template as it is, outside of actions.
	Plain bool
	// Computed says that a function changed the text, so that an edit at From may have
	// another effect than one on Text.
	Computed bool
	// Why is why the text cannot be known; "" if it is.
	Why string
	// Alts are the texts of which one is printed, where what decides is not known. Text
	// is empty then.
	Alts [][]Piece
}

// Value is what an expression yields: nil, a Scalar, a *Map, a *List, a Choice, an
// Unknown, or files of a chart.
type Value any

// Kind is what a scalar is to a template.
type Kind uint8

// Kinds of scalars.
const (
	String Kind = iota
	Bool
	Number
)

// Scalar is a string, a number or a boolean, as it would be printed.
type Scalar struct {
	Pieces []Piece
	Kind   Kind
}

// Map is a mapping. Templates may change it.
type Map struct{ Entries map[string]Value }

// List is a sequence.
type List struct{ Items []Value }

// Choice is one of several values; which one is not known.
type Choice struct{ Alts []Value }

// Unknown is a value that the text does not decide.
type Unknown struct{ Why string }

// chartFiles is .Files, the files of the chart in a directory.
type chartFiles struct{ dir string }

// globbed is what .Files.Glob returns.
type globbed struct{ dir, pattern string }

// NewMap returns a mapping with these entries, names and values in turn.
func NewMap(entries ...any) *Map {
	m := &Map{Entries: map[string]Value{}}
	for i := 0; i+1 < len(entries); i += 2 {
		m.Entries[entries[i].(string)] = entries[i+1]
	}
	return m
}

func (m *Map) keys() []string {
	keys := make([]string, 0, len(m.Entries))
	for k := range m.Entries {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Text is a string that stands at a place.
func Text(s string, from Origin) Scalar { return Scalar{Pieces: []Piece{{Text: s, From: from}}} }

func literal(s string) Scalar { return Text(s, Origin{}) }

func boolean(b bool) Scalar {
	s := literal("false")
	if b {
		s = literal("true")
	}
	s.Kind = Bool
	return s
}

// String is the text of s; what is not known is left out.
func (s Scalar) String() string { return join(s.Pieces) }

func join(pieces []Piece) string {
	if len(pieces) == 1 {
		return pieces[0].Text
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// certain reports whether all of the text is known.
func certain(pieces []Piece) bool {
	for _, p := range pieces {
		if p.Why != "" || p.Alts != nil {
			return false
		}
	}
	return true
}

// tri is a truth value, or that it is not known.
type tri uint8

const (
	no tri = iota
	yes
	maybe
)

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

// truthOf is what a template's if takes v for.
func truthOf(v Value) tri {
	switch v := v.(type) {
	case nil:
		return no
	case Scalar:
		switch {
		case v.Kind == Bool && certain(v.Pieces):
			return truth(v.String() == "true")
		case v.Kind == Number && certain(v.Pieces):
			return truth(strings.Trim(v.String(), "0.") != "")
		case v.String() != "":
			return yes
		case !certain(v.Pieces):
			return maybe
		}
		return no
	case *Map:
		return truth(len(v.Entries) > 0)
	case *List:
		return truth(len(v.Items) > 0)
	case Choice:
		t := truthOf(v.Alts[0])
		for _, a := range v.Alts[1:] {
			if truthOf(a) != t {
				return maybe
			}
		}
		return t
	}
	return maybe
}

// maxAlts bounds how many values one may be.
const maxAlts = 16

// either is one of several values.
func either(values ...Value) Value {
	var c Choice
	add := func(v Value) {
		for _, a := range c.Alts {
			if same(a, v) {
				return
			}
		}
		c.Alts = append(c.Alts, v)
	}
	for _, v := range values {
		if inner, ok := v.(Choice); ok {
			for _, a := range inner.Alts {
				add(a)
			}
			continue
		}
		add(v)
	}
	switch {
	case len(c.Alts) == 1:
		return c.Alts[0]
	case len(c.Alts) > maxAlts:
		return Unknown{"it has too many possible values"}
	}
	return c
}

// same reports whether two values are known to be the same one.
func same(a, b Value) bool {
	x, ok1 := a.(Scalar)
	y, ok2 := b.(Scalar)
	if ok1 != ok2 {
		return false
	}
	if ok1 {
		return x.Kind == y.Kind && certain(x.Pieces) && certain(y.Pieces) &&
			x.String() == y.String() && sameOrigin(x.Pieces, y.Pieces)
	}
	if _, ok := a.(Choice); ok {
		return false
	}
	if _, ok := b.(Choice); ok {
		return false
	}
	return a == b
}

func sameOrigin(a, b []Piece) bool {
	return len(a) == 0 && len(b) == 0 || len(a) > 0 && len(b) > 0 && a[0].From == b[0].From
}

// pieces is what an action prints of v.
func pieces(v Value) []Piece {
	switch v := v.(type) {
	case nil:
		return nil
	case Scalar:
		return v.Pieces
	case Choice:
		var p Piece
		for _, a := range v.Alts {
			p.Alts = append(p.Alts, pieces(a))
		}
		return []Piece{p}
	case Unknown:
		return []Piece{{Why: v.Why}}
	}
	return []Piece{{Why: "it prints a mapping or a list"}}
}

// textOf returns the text of v if all of it is known.
func textOf(v Value) (string, bool) {
	s, ok := v.(Scalar)
	if v == nil {
		return "", true
	}
	if !ok || !certain(s.Pieces) {
		return "", false
	}
	return s.String(), true
}
