// Package gotemplate fills in Go templates as Helm does, as far as the tree alone decides
// what comes out, and says of each piece of the outcome where it comes from. What it
// cannot know (a release's name, the cluster, a function that it does not have) is an
// Unknown; where that decides between two branches, both are printed, as alternatives. It
// reads no file and calls nothing.
package gotemplate

import (
	"errors"
	"fmt"
	"strings"
	"text/template/parse"
)

// Set is the templates of a chart, of those below it and above it, by name.
type Set struct {
	templates map[string]*template
	files     map[string]string // texts that .Files.Get returns, by path
}

// template is one template, or one definition in a template.
type template struct {
	list  *parse.ListNode
	file  string
	src   string
	value []Piece // what src is, where it is a value rather than a file
}

// NewSet returns an empty set.
func NewSet() *Set { return &Set{map[string]*template{}, map[string]string{}} }

// AddFile adds a file that templates may print.
func (s *Set) AddFile(path, text string) { s.files[path] = text }

// Add parses a template, which may define others. The error says where it cannot be
// parsed, as text/template does.
func (s *Set) Add(file, src string) error {
	trees, err := parseText(file, src)
	if err != nil {
		return err
	}
	for name, list := range trees {
		s.templates[name] = &template{list: list, file: file, src: src}
	}
	return nil
}

func parseText(name, src string) (lists map[string]*parse.ListNode, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be parsed: %v", p)
		}
	}()
	t := parse.New(name)
	t.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := t.Parse(src, "", "", trees); err != nil {
		return nil, err
	}
	lists = map[string]*parse.ListNode{}
	for name, tree := range trees {
		lists[name] = tree.Root
	}
	if lists[name] == nil {
		lists[name] = &parse.ListNode{NodeType: parse.NodeList}
	}
	return lists, nil
}

// Outcome is a template that is filled in.
type Outcome struct {
	Pieces []Piece
	// Incomplete is why parts of the outcome are missing, "" if none is.
	Incomplete string
}

// Render fills in the template of a file with the value of its dot.
func (s *Set) Render(file string, dot Value) (out Outcome) {
	e := &executor{set: s}
	defer func() { // a function that was given what it does not expect
		if p := recover(); p != nil {
			out = Outcome{e.out, fmt.Sprint("a function fails: ", p)}
		}
	}()
	t := s.templates[file]
	if t == nil {
		return Outcome{Incomplete: "there is no such template"}
	}
	err := e.run(t, dot)
	out = Outcome{Pieces: e.out, Incomplete: e.incomplete}
	if err != nil && !errors.Is(err, errFail) {
		out.Incomplete = err.Error()
	}
	return out
}

// errFail ends a rendering that the template itself refuses.
var errFail = errors.New("the template calls fail")

// Limits of one rendering; charts that people use stay far below them.
const (
	maxSteps   = 2_000_000
	maxOutput  = 16 << 20
	maxInclude = 120
)

// Files returns the paths of files in the tree, from the root, that a template in a chart
// prints by name.
func Files(src string) []string {
	var names []string
	for rest := src; ; {
		i := strings.Index(rest, ".Files.")
		if i < 0 {
			return names
		}
		rest = rest[i+len(".Files."):]
		for _, verb := range [...]string{"Get ", "Lines ", "GetBytes "} {
			arg, ok := strings.CutPrefix(rest, verb)
			if arg = strings.TrimLeft(arg, " ("); !ok || arg == "" {
				continue
			}
			if q := arg[0]; q == '"' || q == '`' {
				if end := strings.IndexByte(arg[1:], q); end > 0 {
					names = append(names, arg[1:1+end])
				}
			}
		}
	}
}
