package main

import (
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
)

// findings prints findings as people and editors read them: the place first,
// then, indented, what mends it.
func (s *session) findings(findings []verify.Finding) {
	for _, f := range findings {
		s.Printf("%s %s [%s]\n", s.Bold(cli.SanitizeTerminal(fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column))), cli.SanitizeTerminal(f.Message), f.Rule)
		if f.Fix != "" && (f.Severity == verify.Error || s.Verbose) {
			s.Printf("    %s\n", cli.SanitizeTerminal(s.Spoken(f.Fix)))
		}
	}
}

// relocate puts a file's shown name in the place of its own in a command that
// ends with it.
func relocate(fix, file, shown string) string {
	if head, ok := strings.CutSuffix(fix, " "+file); ok {
		return head + " " + cli.ShellWord(shown)
	}
	return fix
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
		out[i] = spot{File: s.Placed(root, p.File), Line: p.Line, Column: p.Column}
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
