package gotemplate

import (
	"path"
	"strconv"
	"strings"
	"text/template/parse"
)

func number(i int) Scalar {
	s := literal(strconv.Itoa(i))
	s.Kind = Number
	return s
}

// pipe evaluates a pipeline, and declares or sets its variables.
func (e *executor) pipe(p *parse.PipeNode, dot Value) (Value, error) {
	if p == nil {
		return nil, nil
	}
	var v Value
	for i, c := range p.Cmds {
		var final []Value
		if i > 0 {
			final = []Value{v}
		}
		var err error
		if v, err = e.command(c, dot, final); err != nil {
			return nil, err
		}
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			e.assign(d.Ident[0], v)
		} else {
			e.vars = append(e.vars, variable{d.Ident[0], v})
		}
	}
	return v, nil
}

func (e *executor) assign(name string, v Value) {
	for i := len(e.vars) - 1; i >= 0; i-- {
		if e.vars[i].name == name {
			e.vars[i].value = v
			return
		}
	}
}

// command evaluates one part of a pipeline; final is what the part before it yields.
func (e *executor) command(c *parse.CommandNode, dot Value, final []Value) (Value, error) {
	if e.steps++; e.steps > maxSteps {
		return nil, errTooLarge
	}
	switch first := c.Args[0].(type) {
	case *parse.IdentifierNode:
		return e.call(first.Ident, c.Args[1:], dot, final)
	case *parse.FieldNode:
		return e.method(dot, first.Ident, c.Args[1:], dot, final)
	case *parse.VariableNode:
		return e.method(e.lookup(first.Ident[0]), first.Ident[1:], c.Args[1:], dot, final)
	case *parse.ChainNode:
		v, err := e.arg(first.Node, dot)
		if err != nil {
			return nil, err
		}
		return e.method(v, first.Field, c.Args[1:], dot, final)
	}
	return e.arg(c.Args[0], dot)
}

func (e *executor) lookup(name string) Value {
	for i := len(e.vars) - 1; i >= 0; i-- {
		if e.vars[i].name == name {
			return e.vars[i].value
		}
	}
	return Unknown{"there is no variable " + name}
}

// arg evaluates an operand.
func (e *executor) arg(n parse.Node, dot Value) (Value, error) {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot, nil
	case *parse.NilNode:
		return nil, nil
	case *parse.StringNode:
		return literal(n.Text), nil
	case *parse.NumberNode:
		s := literal(n.Text)
		s.Kind = Number
		return s, nil
	case *parse.BoolNode:
		return boolean(n.True), nil
	case *parse.PipeNode:
		mark := len(e.vars)
		v, err := e.pipe(n, dot)
		e.vars = e.vars[:mark]
		return v, err
	case *parse.IdentifierNode:
		return e.call(n.Ident, nil, dot, nil)
	case *parse.FieldNode:
		return e.method(dot, n.Ident, nil, dot, nil)
	case *parse.VariableNode:
		return e.method(e.lookup(n.Ident[0]), n.Ident[1:], nil, dot, nil)
	case *parse.ChainNode:
		v, err := e.arg(n.Node, dot)
		if err != nil {
			return nil, err
		}
		return e.method(v, n.Field, nil, dot, nil)
	}
	return Unknown{"an expression that plumb does not know"}, nil
}

// method follows fields from v, the last of which may be a function of files.
func (e *executor) method(
	v Value, idents []string, operands []parse.Node, dot Value, final []Value,
) (Value, error) {
	for i, name := range idents {
		files, ok := v.(chartFiles)
		if g, isGlob := v.(globbed); isGlob && i == len(idents)-1 {
			return fileText(g.pattern), nil
		}
		if ok && i == len(idents)-1 {
			args, err := e.args(operands, dot, final)
			if err != nil {
				return nil, err
			}
			return e.ofFiles(files, name, args), nil
		}
		v = fieldOf(v, name)
	}
	return v, nil
}

// fieldOf is the entry of v that a template's field names.
func fieldOf(v Value, name string) Value {
	switch v := v.(type) {
	case nil:
		return nil
	case *Map:
		return v.Entries[name]
	case Unknown:
		return v
	case Choice:
		alts := make([]Value, len(v.Alts))
		for i, a := range v.Alts {
			alts[i] = fieldOf(a, name)
		}
		return either(alts...)
	}
	return Unknown{"it has no field " + name}
}

// ofFiles is a function of .Files.
func (e *executor) ofFiles(f chartFiles, name string, args []Value) Value {
	if len(args) == 0 {
		return Unknown{"a file that is not known"}
	}
	arg, ok := textOf(args[0])
	if !ok {
		return Unknown{"a file whose name is not known"}
	}
	full := path.Join(f.dir, arg)
	text, known := e.set.files[full]
	switch {
	case name == "Glob":
		return globbed{f.dir, arg}
	case known && (name == "Get" || name == "GetBytes"):
		return Text(text, Origin{full, 0})
	case known && name == "Lines":
		return splitList([]Value{literal("\n"), Text(text, Origin{full, 0})})
	}
	return fileText(arg)
}

// FileText begins the reason why the text of a file is not known.
const FileText = "it prints a file that plumb does not read: "

// fileText is the text of a file that was not read. Manifests are read by themselves.
func fileText(name string) Value {
	return Unknown{FileText + name}
}

// args evaluates the operands of a function.
func (e *executor) args(operands []parse.Node, dot Value, final []Value) ([]Value, error) {
	args := make([]Value, 0, len(operands)+1)
	for _, n := range operands {
		v, err := e.arg(n, dot)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return append(args, final...), nil
}

// call evaluates a function.
func (e *executor) call(
	name string, operands []parse.Node, dot Value, final []Value,
) (Value, error) {
	args, err := e.args(operands, dot, final)
	if err != nil {
		return nil, err
	}
	switch name {
	case "include":
		return e.includeAny(args)
	case "tpl":
		return e.tpl(args)
	case "fail":
		return nil, errFail
	case "set", "unset":
		return e.change(name, args), nil
	case "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite":
		return e.merge(strings.Contains(name, "Overwrite"), args), nil
	}
	if f, ok := functions().whole[name]; ok { // which take what is not known as well
		return f(args), nil
	}
	f, ok := functions().plain[name]
	if !ok {
		return Unknown{"plumb does not know the function " + name}, nil
	}
	return lift(f, args), nil
}

// includeAny includes one of the templates that a name may be.
func (e *executor) includeAny(args []Value) (Value, error) {
	if len(args) != 2 {
		return Unknown{"include takes a name and a value"}, nil
	}
	if name, ok := textOf(args[0]); ok {
		return e.include(name, args[1])
	}
	why := "it includes a template whose name is not known"
	e.miss(why)
	return Unknown{why}, nil
}

// tpl fills in a value that is a template itself.
func (e *executor) tpl(args []Value) (Value, error) {
	if len(args) != 2 {
		return Unknown{"tpl takes a text and a value"}, nil
	}
	if c, ok := args[0].(Choice); ok {
		alts := make([]Value, 0, len(c.Alts))
		for _, a := range c.Alts {
			v, err := e.tpl([]Value{a, args[1]})
			if err != nil {
				return nil, err
			}
			alts = append(alts, v)
		}
		return either(alts...), nil
	}
	s, ok := args[0].(Scalar)
	if !ok || !certain(s.Pieces) {
		return args[0], nil
	}
	src := s.String()
	if !strings.Contains(src, "{{") {
		return s, nil
	}
	lists, err := parseText("tpl", src)
	if err != nil {
		return Unknown{"it holds a template that cannot be parsed"}, nil
	}
	t := &template{list: lists["tpl"], file: e.file, src: src, value: s.Pieces}
	ps, err := e.capture(func() error { return e.run(t, args[1]) })
	return Scalar{Pieces: ps}, err
}

// lift calls f with each of the values that arguments may be.
func lift(f function, args []Value) Value {
	if len(args) == 0 {
		return Unknown{"a function has no arguments"}
	}
	for i, a := range args {
		c, ok := a.(Choice)
		if !ok {
			continue
		}
		alts := make([]Value, 0, len(c.Alts))
		for _, alt := range c.Alts {
			with := append([]Value(nil), args...)
			with[i] = alt
			alts = append(alts, lift(f, with))
		}
		return either(alts...)
	}
	for _, a := range args {
		if u, ok := a.(Unknown); ok {
			return u
		}
	}
	return f(args)
}
