package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// quaint are words that the messages and documents of other tools do not use, so that
// people neither expect them nor search for them. CONTRIBUTING.md says what is written
// instead.
var quaint = regexp.MustCompile(
	`(?i)\b(mend|vouch|vouches|vouched|whom|whoever|let\s+in|in\s+passing|stands\s+in)\b`)

// Messages, help and documents are in the field's words.
func TestWords(t *testing.T) {
	top := filepath.Join("..", "..")
	for _, f := range sources(t, top) {
		for _, s := range stringLiterals(t, filepath.Join(top, f)) {
			for _, w := range s.quaint() {
				t.Errorf("%s:%d: a text with %q", f, w.line, w.word)
			}
		}
	}
	for _, pattern := range []string{
		"*.md", "docs/*.md", "action.yml", ".pre-commit-hooks.yaml", "cmd/internal/scaffold/ci/*",
	} {
		files, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s matches no file (%v)", pattern, err)
		}
		for _, f := range files {
			whole := literal{text: readFile(t, f), lines: []int{1}, starts: []int{0}}
			name := strings.TrimPrefix(filepath.ToSlash(f), "../../")
			for _, w := range whole.quaint() {
				t.Errorf("%s:%d: %q", name, w.line, w.word)
			}
		}
	}
}

// sources are the Go files of the module but for tests, and those of the programs in
// testdata, as slash-separated paths from its top.
func sources(t *testing.T, top string) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(top), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || name == "bin"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			files = append(files, name)
		}
		return nil
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d Go files: %v", len(files), err)
	}
	return files
}

// literal is a constant text, perhaps of several literals that are added up.
type literal struct {
	text   string
	starts []int // the offsets in text at which a literal starts
	lines  []int // and the lines on which it does
}

type quaintWord struct {
	word string
	line int
}

// quaint returns the words of a text that are not to be there.
func (l literal) quaint() []quaintWord {
	var all []quaintWord
	for _, at := range quaint.FindAllStringIndex(l.text, -1) {
		i := len(l.starts) - 1
		for l.starts[i] > at[0] {
			i--
		}
		line := l.lines[i]
		if len(l.starts) == 1 { // a raw string, or a file
			line += strings.Count(l.text[:at[0]], "\n")
		}
		all = append(all, quaintWord{strings.Join(strings.Fields(l.text[at[0]:at[1]]), " "), line})
	}
	return all
}

// stringLiterals are the constant texts of a file but for import paths and struct tags.
func stringLiterals(t *testing.T, name string) []literal {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := literalsIn(string(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return all
}

func literalsIn(source string) ([]literal, error) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, "x.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []literal
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				n.Tag = nil
			}
		case *ast.BasicLit, *ast.BinaryExpr:
			var l literal
			others := l.add(files, n.(ast.Expr))
			if len(l.starts) > 0 {
				all = append(all, l)
			}
			for _, other := range others {
				ast.Inspect(other, visit)
			}
			return false
		}
		return true
	}
	ast.Inspect(f, visit)
	return all, nil
}

// add adds the literals of an expression to the text, and returns the expressions among
// them that are none.
func (l *literal) add(files *token.FileSet, e ast.Expr) (others []ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if e.Kind != token.STRING || err != nil {
			return nil
		}
		l.starts = append(l.starts, len(l.text))
		l.lines = append(l.lines, files.Position(e.Pos()).Line)
		l.text += text
		return nil
	case *ast.BinaryExpr:
		others = l.add(files, e.X)
		if e.Op != token.ADD {
			l.text += "\x00" // no word goes on behind a comparison
		}
		return append(others, l.add(files, e.Y)...)
	}
	l.text += "\x00"
	return []ast.Expr{e}
}

func TestLiterals(t *testing.T) {
	const source = "package x\n\nimport \"whom\"\n\n" +
		"type t struct{ a string `json:\"whoever\"` }\n\n" +
		"var a = \"who will \" +\n\t\"mend it, or let \" +\n\t\"in \" + b(\"vouch\") + \"x\"\n\n" +
		"var c = `one\ntwo whom\n`\n\nvar d = \"recommended amendment; \" + \"whom\"[1:]\n"
	all, err := literalsIn(source)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range all {
		for _, w := range l.quaint() {
			got = append(got, fmt.Sprintf("%d %s", w.line, w.word))
		}
	}
	if want := "8 mend, 8 let in, 9 vouch, 12 whom, 15 whom"; strings.Join(got, ", ") != want {
		t.Errorf("found %s, want %s", strings.Join(got, ", "), want)
	}
}
