package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Error is one thing that is wrong with a policy document, or remarkable.
type Error struct {
	File         string
	Line, Column int // 1-based; columns count bytes
	Msg          string
}

// Error returns the position and the message.
func (e *Error) Error() string { return e.position() + ": " + e.Msg }

func (e *Error) position() string { return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column) }

// ErrorList is all that is wrong with a set of policy documents, in order of
// file and position.
type ErrorList []*Error

// Error returns one line for each error.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors.
func (l ErrorList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

func (l ErrorList) sort() {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// place is where something stands, for errors that are found after reading.
type place struct {
	file   string
	source *string
	offset int
}

// String is the place as messages name it.
func (p place) String() string { return p.errorf("").position() }

func (p place) errorf(format string, args ...any) *Error {
	e := &Error{File: p.file, Line: 1, Column: 1, Msg: fmt.Sprintf(format, args...)}
	if p.source != nil {
		e.Line, e.Column = yaml.Position(*p.source, p.offset)
	}
	return e
}
