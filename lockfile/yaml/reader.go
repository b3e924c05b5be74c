package yaml

import (
	"errors"
	"slices"
)

// Options say what a Reader takes. The zero Options are the strictest.
type Options struct {
	// Name is what errors call a document as a whole; "" stands for "the document".
	Name string
	// Aliases takes aliases and merge keys, which read as what they stand for. Without
	// it they are errors, so that what a line says does not depend on another.
	Aliases bool
	// NullAbsent takes a field whose value is null for one that is not there, as the
	// Kubernetes API server does. Without it such a field is an error.
	NullAbsent bool
}

// Reader reads the fields of one file of configuration. Whatever is not as it must be
// is an error with its position: a field that is unknown or stands twice, and a value
// of another type. Reading goes on behind an error, so that all are reported together.
type Reader struct {
	file    string
	src     string
	options Options
	parser  Parser
	lines   []int // where each line begins, once a position was needed
	errs    ErrorList
}

// NewReader returns a Reader of the file that data holds. file is what errors call it.
func NewReader(file string, data []byte, o Options) *Reader {
	return &Reader{file: file, src: string(data), options: o}
}

// Document returns the one document that the file must hold. That of an empty file is
// null. ok is false where the file cannot be parsed.
func (r *Reader) Document() (root Value, ok bool) {
	docs, ok := r.parse()
	if !ok {
		return Value{}, false
	}
	if len(docs) > 1 {
		second := docs[1].Start
		if docs[1].Root != nil {
			second = docs[1].Root.Start
		}
		r.errs = append(r.errs,
			r.place(second).Errorf("there is a second document, and only one is allowed"))
	}
	null := &Node{Kind: Scalar, Style: Plain}
	if len(docs) == 0 || docs[0].Root == nil {
		return r.value(null, ""), true
	}
	return r.value(docs[0].Root, ""), true
}

// Documents returns all documents of the file, but for empty ones; none where the file
// cannot be parsed.
func (r *Reader) Documents() []Value {
	docs, _ := r.parse()
	var out []Value
	for _, d := range docs {
		if d.Root == nil {
			continue
		}
		if v := r.value(d.Root, ""); !r.options.NullAbsent || !v.IsNull() {
			out = append(out, v)
		}
	}
	return out
}

// parse parses the file, and notes why it cannot be parsed.
func (r *Reader) parse() (docs []Document, ok bool) {
	docs, err := r.parser.Parse(r.src)
	if err == nil {
		return docs, true
	}
	at := 0
	if syntax, ok := errors.AsType[*SyntaxError](err); ok {
		at = syntax.Offset
	}
	r.errs = append(r.errs, r.place(at).Errorf("%v", err))
	return nil, false
}

// value returns what is read of a node.
func (r *Reader) value(n *Node, path string) Value {
	if r.options.Aliases {
		n = n.Resolve()
	}
	return Value{Node: n, Path: path, reader: r}
}

func (r *Reader) name() string {
	if r.options.Name == "" {
		return "the document"
	}
	return r.options.Name
}

// Errorf notes an error at a node; nil stands for the start of the file.
func (r *Reader) Errorf(n *Node, format string, args ...any) {
	r.errs = append(r.errs, r.Place(n).Errorf(format, args...))
}

// Place returns where a node of the file is; nil stands for the start of the file.
func (r *Reader) Place(n *Node) Place {
	if n == nil {
		return r.place(0)
	}
	return r.place(n.Start)
}

// place is Position for one of many offsets.
func (r *Reader) place(offset int) Place {
	offset = min(max(offset, 0), len(r.src))
	if r.lines == nil {
		r.lines = []int{0}
		for i := range len(r.src) {
			if r.src[i] == '\n' {
				r.lines = append(r.lines, i+1)
			}
		}
	}
	line, exact := slices.BinarySearch(r.lines, offset)
	if exact {
		line++
	}
	return Place{File: r.file, Line: line, Column: 1 + offset - r.lines[line-1]}
}

// Errors returns what has been noted so far.
func (r *Reader) Errors() ErrorList { return r.errs }

// Err returns an ErrorList of what has been noted, in order of position; nil if that
// is nothing.
func (r *Reader) Err() error { return r.errs.Err() }
