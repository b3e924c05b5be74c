package yaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where something is in a file.
type Place struct {
	File         string // as errors call it
	Line, Column int    // 1-based; columns count bytes
}

// String returns the place as editors take it: "file:line:column".
func (p Place) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Errorf returns an error at the place.
func (p Place) Errorf(format string, args ...any) *Error {
	return &Error{File: p.File, Line: p.Line, Column: p.Column, Msg: fmt.Sprintf(format, args...)}
}

// Error is one thing that is wrong with a file, or remarkable.
type Error struct {
	File         string // as errors call it
	Line, Column int    // 1-based; columns count bytes
	Msg          string // lower case, no position
}

// Error returns the position and the message.
func (e *Error) Error() string { return Place{e.File, e.Line, e.Column}.String() + ": " + e.Msg }

// ErrorList is all that is wrong with one or more files.
type ErrorList []*Error

// Err returns the list in order of file and position, or nil if it is empty.
func (l ErrorList) Err() error {
	if len(l) == 0 {
		return nil
	}
	l.Sort()
	return l
}

// Sort puts the errors in order of file and position.
func (l ErrorList) Sort() {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column))
	})
}

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
