package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every exported identifier has a comment that begins with its name. One comment can be
// that of a group of constants or variables.
func TestExportedIdentifiersHaveComments(t *testing.T) {
	top := filepath.Join("..", "..")
	for _, f := range sources(t, top) {
		if strings.HasPrefix(f, "testdata/") || strings.Contains(f, "/testdata/") {
			continue
		}
		missing, err := uncommented(filepath.Join(top, f), readFile(t, top, f))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range missing {
			t.Errorf("%s:%d: %s has no comment that begins with its name", f, m.line, m.name)
		}
	}
}

// exported is an exported identifier.
type exported struct {
	name string
	line int
}

// uncommented are the exported identifiers of a file without such a comment. Package main
// exports nothing.
func uncommented(name, source string) ([]exported, error) {
	files := token.NewFileSet()
	const mode = parser.ParseComments | parser.SkipObjectResolution
	f, err := parser.ParseFile(files, name, source, mode)
	if err != nil || f.Name.Name == "main" {
		return nil, err
	}
	var missing []exported
	check := func(id *ast.Ident, ok bool) {
		if id.IsExported() && !ok {
			missing = append(missing, exported{id.Name, files.Position(id.Pos()).Line})
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(receiver(d)) {
				check(d.Name, beginsWith(d.Doc, d.Name.Name))
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				checkSpec(d, spec, check)
			}
		}
	}
	return missing, nil
}

func checkSpec(d *ast.GenDecl, spec ast.Spec, check func(*ast.Ident, bool)) {
	group := d.Lparen.IsValid()
	switch s := spec.(type) {
	case *ast.TypeSpec:
		check(s.Name, beginsWith(s.Doc, s.Name.Name) || !group && beginsWith(d.Doc, s.Name.Name))
	case *ast.ValueSpec:
		for _, id := range s.Names {
			shared := d.Doc != nil && (group || len(s.Names) > 1)
			own := beginsWith(s.Doc, id.Name) || beginsWith(d.Doc, id.Name)
			check(id, shared || own || s.Comment != nil)
		}
	}
}

// receiver is the name of the type that a method is of.
func receiver(d *ast.FuncDecl) string {
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// beginsWith reports whether a comment begins with a name, or with an article and it.
func beginsWith(doc *ast.CommentGroup, name string) bool {
	words := strings.Fields(doc.Text())
	if len(words) > 1 && words[0] != name && slices.Contains([]string{"A", "An", "The"}, words[0]) {
		words = words[1:]
	}
	return len(words) > 0 && strings.TrimSuffix(strings.TrimRight(words[0], ",.:;"), "'s") == name
}

func TestUncommented(t *testing.T) {
	const source = `package x

// A is one.
type A struct{ B int }

// is one as well
type C int

type (
	// An E is one.
	E int
	F int // of some kind
)

// Get gets.
func (*A) Get() {}

func (a A) Put() {}

func (h hidden) Put() {}

func Do() {}

// What there is.
const (
	G = 1
	H = 2
)

const I = 3

const J = 4 // of four

// K and L are two.
var K, L = 1, 2
`
	missing, err := uncommented("x.go", source)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range missing {
		got = append(got, m.name)
	}
	if want := "C F Put Do I"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
	missing, err = uncommented("x.go", "package main\n\nfunc Do() {}\n")
	if err != nil || len(missing) > 0 {
		t.Errorf("package main: %v %v", missing, err)
	}
}
