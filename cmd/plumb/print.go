package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/verify"
)

// findings prints findings as people and editors read them: the place first,
// then, indented, what mends it.
func (s *session) findings(findings []verify.Finding) {
	for _, f := range findings {
		s.printf("%s %s [%s]\n", s.bold(fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column)), f.Message, f.Rule)
		if f.Fix != "" && (f.Severity == verify.Error || s.verbose) {
			s.printf("    %s\n", f.Fix)
		}
	}
}

// relocate puts a file's shown name in the place of its own in a command that
// ends with it.
func relocate(fix, file, shown string) string {
	if head, ok := strings.CutSuffix(fix, " "+file); ok {
		return head + " " + shown
	}
	return fix
}

// spot is a place as JSON documents have it.
type spot struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func (p spot) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// failed is a name that could not be resolved, as it is printed.
type failed struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Error  string `json:"error"`
	Fix    string `json:"fix"`
	Places []spot `json:"places"`
}

// failure turns a Failure into what is printed of it.
func (s *session) failure(r *root, f resolver.Failure, places []spot) failed {
	out := failed{Kind: string(f.Kind), Name: f.Name, Error: f.Err.Error(), Places: places}
	for _, p := range f.Places {
		out.Places = append(out.Places, spot{s.display(r.dir, p.File), p.Line, p.Column})
	}
	var e *registry.Error
	if !errors.As(f.Err, &e) {
		return out
	}
	switch hint := e.Hint(); {
	case strings.HasPrefix(hint, "docker login"):
		out.Fix = "to log in: " + hint
	case hint != "":
		out.Fix = "to allow it, in " + hint
	case e.NotFound():
		out.Fix = "if it is not meant to be pulled, name it under exceptions in plumb.yaml"
	}
	return out
}

// maxPlaces is how many places a message for people names.
const maxPlaces = 5

func (s *session) printFailure(f failed) {
	s.errorf("resolving %s: %s\n", f.Name, f.Error)
	var tail []string
	if len(f.Places) > 0 {
		var names []string
		for _, p := range f.Places[:min(len(f.Places), maxPlaces)] {
			names = append(names, p.String())
		}
		where := strings.Join(names, ", ")
		if more := len(f.Places) - maxPlaces; more > 0 {
			where += fmt.Sprintf(" and %d more", more)
		}
		verb := "refer"
		if len(f.Places) == 1 {
			verb = "refers"
		}
		tail = append(tail, where+" "+verb+" to it")
	}
	if tail = append(tail, nonEmpty(f.Fix)...); len(tail) > 0 {
		s.errorf("    %s\n", strings.Join(tail, "; "))
	}
}
