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
			s.printf("    %s\n", s.spoken(f.Fix))
		}
	}
}

// relocate puts a file's shown name in the place of its own in a command that
// ends with it.
func relocate(fix, file, shown string) string {
	if head, ok := strings.CutSuffix(fix, " "+file); ok {
		return head + " " + shellWord(shown)
	}
	return fix
}

// shellWord quotes a name for a shell, if it has to be.
func shellWord(name string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 0x7f || strings.ContainsRune("/._-+@%,:=", r)
	}
	if name != "" && !strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
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

	late bool // time ran out before it was asked for
}

// spots are places of a lock root as they are shown; never nil.
func (s *session) spots(root string, places []resolver.Place) []spot {
	out := make([]spot, len(places))
	for i, p := range places {
		out[i] = spot{s.display(root, p.File), p.Line, p.Column}
	}
	return out
}

// failure turns a Failure into what is printed of it.
func (s *session) failure(f resolver.Failure, places []spot) failed {
	out := failed{Kind: string(f.Kind), Name: f.Name, Error: f.Err.Error(), Places: places, late: timeUp(f.Err) != nil}
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

// somePlaces names the first few places and counts the rest.
func somePlaces(places []spot) string {
	var names []string
	for _, p := range places[:min(len(places), maxPlaces)] {
		names = append(names, p.String())
	}
	text := strings.Join(names, ", ")
	if more := len(places) - maxPlaces; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// printFailure tells what went wrong in doing something for a name.
func (s *session) printFailure(doing string, f failed) {
	s.errorf("%s %s: %s\n", doing, f.Name, f.Error)
	var who string
	switch len(f.Places) {
	case 0:
		who = "plumb.yaml or plumb.lock names it"
	case 1:
		who = somePlaces(f.Places) + " refers to it"
	default:
		who = somePlaces(f.Places) + " refer to it"
	}
	s.errorf("    %s\n", strings.Join(append([]string{who}, nonEmpty(f.Fix)...), "; "))
}
