package chartuse

import (
	"strings"
	"text/template/parse"
)

// reader reads the templates of one chart.
type reader struct {
	chart   *Chart
	trees   map[string]*parse.Tree // by the names of files and definitions
	sources map[string]string      // by the names of files
	vars    []variable
	depth   int // of definitions that include others
	tokens  int
}

// variable is a template's variable.
type variable struct {
	name  string
	value value
}

// place is where in a file the reader is.
type place struct {
	reader *reader
	file   string
}

// lineOf is the line of a node, 1-based.
func (p place) lineOf(n parse.Node) int {
	src := p.reader.sources[p.file]
	return 1 + strings.Count(src[:min(int(n.Position()), len(src))], "\n")
}

func (r *reader) at(t *parse.Tree) place { return place{r, t.ParseName} }

// list reads what a list of nodes prints with dot.
func (r *reader) list(l *parse.ListNode, dot value, at place) []token {
	if l == nil {
		return nil
	}
	vars := len(r.vars)
	defer func() { r.vars = r.vars[:vars] }()
	var out []token
	for _, n := range l.Nodes {
		if r.tokens > maxTokens {
			r.incomplete("its templates print too much")
			return out
		}
		out = append(out, r.node(n, dot, at)...)
	}
	return out
}

func (r *reader) node(n parse.Node, dot value, at place) []token {
	r.tokens++
	switch n := n.(type) {
	case *parse.TextNode:
		return []token{{text: string(n.Text)}}
	case *parse.ActionNode:
		v := r.pipe(n.Pipe, dot, at)
		if len(n.Pipe.Decl) > 0 {
			return nil
		}
		return v.tokens(at.file, at.lineOf(n))
	case *parse.IfNode:
		vars := len(r.vars)
		r.pipe(n.Pipe, dot, at)
		out := r.branch(&n.BranchNode, dot, dot, at)
		r.vars = r.vars[:vars]
		return out
	case *parse.WithNode:
		vars := len(r.vars)
		out := r.branch(&n.BranchNode, r.pipe(n.Pipe, dot, at), dot, at)
		r.vars = r.vars[:vars]
		return out
	case *parse.RangeNode:
		vars := len(r.vars)
		item := r.pipe(n.Pipe, dot, at).item()
		if d := len(n.Pipe.Decl); d > 0 {
			r.vars[len(r.vars)-1].value = item
		}
		out := r.branch(&n.BranchNode, item, dot, at)
		r.vars = r.vars[:vars]
		return out
	case *parse.TemplateNode:
		var arg value
		if n.Pipe != nil {
			arg = r.pipe(n.Pipe, dot, at)
		}
		return r.include(n.Name, arg)
	}
	return nil
}

// branch reads both branches of a condition.
func (r *reader) branch(b *parse.BranchNode, in, dot value, at place) []token {
	out := append([]token{{mark: opened}}, r.list(b.List, in, at)...)
	if b.ElseList == nil {
		return append(out, token{mark: skipped})
	}
	out = append(append(out, token{mark: next}), r.list(b.ElseList, dot, at)...)
	return append(out, token{mark: closed})
}

// include reads what a definition prints for a value.
func (r *reader) include(name string, dot value) []token {
	t := r.trees[name]
	if t == nil {
		r.incomplete("it includes " + name + ", which is not in the tree")
		return []token{{value: true}}
	}
	if r.depth >= maxDepth {
		r.incomplete("its templates include each other too deep")
		return []token{{value: true}}
	}
	vars := r.vars
	r.vars = []variable{{"$", dot}}
	r.depth++
	out := r.list(t.Root, dot, r.at(t))
	r.depth--
	r.vars = vars
	return out
}

// pipe is the value of a pipeline, which its variables get.
func (r *reader) pipe(p *parse.PipeNode, dot value, at place) value {
	if p == nil {
		return value{}
	}
	var v value
	for i, c := range p.Cmds {
		if i == 0 {
			v = r.command(c, dot, nil, at)
		} else {
			v = r.command(c, dot, &v, at)
		}
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			for i := len(r.vars) - 1; i >= 0; i-- {
				if r.vars[i].name == d.Ident[0] {
					r.vars[i].value = r.vars[i].value.or(v)
					break
				}
			}
			continue
		}
		r.vars = append(r.vars, variable{d.Ident[0], v})
	}
	return v
}

// command is the value of a command. last is what is piped into it.
func (r *reader) command(c *parse.CommandNode, dot value, last *value, at place) value {
	f, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok {
		return r.operand(c.Args[0], dot, at)
	}
	var args []value
	for _, a := range c.Args[1:] {
		args = append(args, r.operand(a, dot, at))
	}
	if last != nil {
		args = append(args, *last)
	}
	return r.call(f.Ident, args, place{at.reader, at.file}, at.lineOf(c))
}

// operand is the value of an argument.
func (r *reader) operand(n parse.Node, dot value, at place) value {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return dot.walk(n.Ident...)
	case *parse.VariableNode:
		for i := len(r.vars) - 1; i >= 0; i-- {
			if r.vars[i].name == n.Ident[0] {
				return r.vars[i].value.walk(n.Ident[1:]...)
			}
		}
	case *parse.ChainNode:
		return r.operand(n.Node, dot, at).walk(n.Field...)
	case *parse.PipeNode:
		return r.pipe(n, dot, at)
	case *parse.StringNode:
		return value{texts: []string{n.Text}}
	case *parse.IdentifierNode:
		return r.call(n.Ident, nil, at, at.lineOf(n))
	}
	return value{}
}
