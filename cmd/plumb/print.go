package main

import (
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
)

// findings prints findings as people and editors read them: the place first,
// then, indented, what mends it.
func (s *session) findings(findings []verify.Finding) {
	for _, f := range findings {
		s.printf("%s %s [%s]\n", s.bold(legible(fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column))), legible(f.Message), f.Rule)
		if f.Fix != "" && (f.Severity == verify.Error || s.verbose) {
			s.printf("    %s\n", legible(s.spoken(f.Fix)))
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

	who string // the object that holds it, if that is known: "Deployment shop/web"
}

// whose is the object that holds a reference, "" if it has no name.
func whose(r manifest.Reference) string {
	if r.Name == "" {
		return ""
	}
	return objectName(r.Kind, r.Namespace, r.Name)
}

// objectName is what people call an object: "Deployment shop/web".
func objectName(kind, namespace, name string) string {
	if namespace != "" {
		name = namespace + "/" + name
	}
	return kind + " " + name
}

func (p spot) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// spots are places of a lock root as they are shown; never nil.
func (s *session) spots(root string, places []resolver.Place) []spot {
	out := make([]spot, len(places))
	for i, p := range places {
		out[i] = spot{File: s.placed(root, p.File), Line: p.Line, Column: p.Column}
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
