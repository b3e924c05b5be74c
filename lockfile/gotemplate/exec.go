package gotemplate

import (
	"errors"
	"strings"
	"text/template/parse"
)

// variable is a template's variable, $x.
type variable struct {
	name  string
	value Value
}

// executor fills in one template.
type executor struct {
	set        *Set
	out        []Piece
	vars       []variable
	steps      int
	size       int
	depth      int // of includes
	maybe      int // branches around that may not be taken
	file       string
	src        string
	value      []Piece // what src is, where it is a value
	incomplete string
	loop       loopState
}

type loopState uint8

const (
	running loopState = iota
	breaking
	continuing
)

var errTooLarge = errors.New("it is too large to be followed")

// run fills in one template with its own variables.
func (e *executor) run(t *template, dot Value) error {
	if e.depth++; e.depth > maxInclude {
		return errTooLarge
	}
	vars, file, src, value, loop := e.vars, e.file, e.src, e.value, e.loop
	e.vars, e.file, e.src, e.value = []variable{{"$", dot}}, t.file, t.src, t.value
	e.loop = running
	err := e.list(t.list, dot)
	e.vars, e.file, e.src, e.value, e.loop = vars, file, src, value, loop
	e.depth--
	return err
}

func (e *executor) emit(ps []Piece) error {
	for _, p := range ps {
		e.size += len(p.Text) + 16
	}
	if e.size > maxOutput {
		return errTooLarge
	}
	e.out = append(e.out, ps...)
	return nil
}

// site is where the action around a node begins.
func (e *executor) site(n parse.Node) Origin {
	pos := min(int(n.Position()), len(e.src))
	if e.value != nil {
		return e.value[0].From
	}
	if i := strings.LastIndex(e.src[:pos], "{{"); i >= 0 {
		pos = i
	}
	return Origin{e.file, pos}
}

// print emits what an action yields.
func (e *executor) print(n parse.Node, v Value) error {
	return e.emit(sited(pieces(v), e.site(n)))
}

func sited(ps []Piece, site Origin) []Piece {
	out := make([]Piece, len(ps))
	for i, p := range ps {
		p.Site = site
		if p.From.File == "" {
			p.From = site
		}
		if p.Alts != nil {
			alts := make([][]Piece, len(p.Alts))
			for j, a := range p.Alts {
				alts[j] = sited(a, site)
			}
			p.Alts = alts
		}
		out[i] = p
	}
	return out
}

func (e *executor) list(l *parse.ListNode, dot Value) error {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		if e.steps++; e.steps > maxSteps {
			return errTooLarge
		}
		if err := e.node(n, dot); err != nil {
			return err
		}
		if e.loop != running {
			return nil
		}
	}
	return nil
}

func (e *executor) node(n parse.Node, dot Value) error {
	switch n := n.(type) {
	case *parse.TextNode:
		p := Piece{Text: string(n.Text), From: Origin{e.file, int(n.Pos)}, Plain: true}
		if e.value != nil {
			p.From, p.Plain = e.value[0].From, false
		}
		return e.emit([]Piece{p})
	case *parse.ActionNode:
		v, err := e.pipe(n.Pipe, dot)
		if err != nil || len(n.Pipe.Decl) > 0 {
			return err
		}
		return e.print(n, v)
	case *parse.IfNode:
		return e.branch(&n.BranchNode, dot, false)
	case *parse.WithNode:
		return e.branch(&n.BranchNode, dot, true)
	case *parse.RangeNode:
		return e.rangeOver(n, dot)
	case *parse.TemplateNode:
		v, err := e.pipe(n.Pipe, dot)
		if err != nil {
			return err
		}
		got, err := e.include(n.Name, v)
		if err != nil {
			return err
		}
		return e.print(n, got)
	case *parse.BreakNode:
		if e.maybe == 0 {
			e.loop = breaking
		}
	case *parse.ContinueNode:
		if e.maybe == 0 {
			e.loop = continuing
		}
	}
	return nil
}

// include is what a template prints, as a value.
func (e *executor) include(name string, dot Value) (Value, error) {
	t := e.set.templates[name]
	if t == nil {
		e.miss("there is no template " + name)
		return Unknown{"there is no template " + name}, nil
	}
	ps, err := e.capture(func() error { return e.run(t, dot) })
	return Scalar{Pieces: ps}, err
}

func (e *executor) miss(why string) {
	if e.incomplete == "" {
		e.incomplete = why
	}
}

// capture runs do and returns what it emits.
func (e *executor) capture(do func() error) ([]Piece, error) {
	out := e.out
	e.out = nil
	err := do()
	got := e.out
	e.out = out
	return got, err
}

// branch runs an if or a with.
func (e *executor) branch(n *parse.BranchNode, dot Value, with bool) error {
	mark := len(e.vars)
	defer func() { e.vars = e.vars[:mark] }()
	cond, err := e.pipe(n.Pipe, dot)
	if err != nil {
		return err
	}
	inner := dot
	if with {
		inner = cond
	}
	switch truthOf(cond) {
	case yes:
		return e.list(n.List, inner)
	case no:
		return e.list(n.ElseList, dot)
	}
	if c, ok := cond.(Choice); ok && with {
		inner = truthy(c)
	}
	return e.both(func() error { return e.list(n.List, inner) },
		func() error { return e.list(n.ElseList, dot) })
}

// truthy are the alternatives of c that are not known to be empty.
func truthy(c Choice) Value {
	var alts []Value
	for _, a := range c.Alts {
		if truthOf(a) != no {
			alts = append(alts, a)
		}
	}
	if len(alts) == 0 {
		return c
	}
	return either(alts...)
}

// both runs two branches of which one is taken.
func (e *executor) both(first, second func() error) error {
	e.maybe++
	defer func() { e.maybe-- }()
	before := append([]variable(nil), e.vars...)
	a, err := e.capture(first)
	if err != nil && !errors.Is(err, errFail) {
		return err
	}
	failed := err != nil
	changed := append([]variable(nil), e.vars[:len(before)]...)
	copy(e.vars, before)
	e.vars = e.vars[:len(before)]
	b, err := e.capture(second)
	switch {
	case errors.Is(err, errFail) && failed:
		return err
	case errors.Is(err, errFail):
		copy(e.vars, changed)
		return e.emit(a)
	case err != nil:
		return err
	case failed:
		return e.emit(b)
	}
	e.vars = e.vars[:len(before)]
	for i := range before {
		if !same(e.vars[i].value, changed[i].value) {
			e.vars[i].value = either(changed[i].value, e.vars[i].value)
		}
	}
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	return e.emit([]Piece{{Alts: [][]Piece{a, b}}})
}

// rangeOver runs a range.
func (e *executor) rangeOver(n *parse.RangeNode, dot Value) error {
	mark := len(e.vars)
	defer func() { e.vars = e.vars[:mark] }()
	over, err := e.pipe(n.Pipe, dot)
	if err != nil {
		return err
	}
	e.vars = e.vars[:mark]
	body := func(key, item Value) (bool, error) {
		switch decl := n.Pipe.Decl; len(decl) {
		case 1:
			e.vars = append(e.vars, variable{decl[0].Ident[0], item})
		case 2:
			e.vars = append(e.vars, variable{decl[0].Ident[0], key},
				variable{decl[1].Ident[0], item})
		}
		err := e.list(n.List, item)
		e.vars = e.vars[:mark]
		stop := e.loop == breaking
		e.loop = running
		return stop, err
	}
	return e.each(over, body, func() error { return e.list(n.ElseList, dot) })
}

// each calls body with the entries of a value, or none.
func (e *executor) each(
	over Value, body func(key, item Value) (bool, error), none func() error,
) error {
	switch v := over.(type) {
	case nil:
		return none()
	case *List:
		for i, item := range v.Items {
			if stop, err := body(number(i), item); stop || err != nil {
				return err
			}
		}
		if len(v.Items) == 0 {
			return none()
		}
		return nil
	case *Map:
		for _, k := range v.keys() {
			if stop, err := body(literal(k), v.Entries[k]); stop || err != nil {
				return err
			}
		}
		if len(v.Entries) == 0 {
			return none()
		}
		return nil
	case Choice:
		for _, a := range v.Alts {
			a := a
			err := e.both(func() error { return e.each(a, body, none) },
				func() error { return nil })
			if err != nil {
				return err
			}
		}
		return nil
	case globbed:
		_, err := body(Unknown{"the name of a file"}, fileText(v.pattern))
		return err
	}
	unknown := Unknown{"an entry of what is not known"}
	if u, ok := over.(Unknown); ok {
		unknown = u
	}
	return e.both(func() error { _, err := body(unknown, unknown); return err }, none)
}
