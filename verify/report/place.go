package report

import (
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// Place is a position in a file.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // 1-based
	Column int    `json:"column"` // 1-based, in bytes

	// Object is the object at that position, "Deployment shop/web"; "" if that is not
	// known.
	Object string `json:"-"`
}

// String returns the file and the line.
func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// ObjectName returns an object's name for people: "Deployment shop/web".
func ObjectName(kind, namespace, name string) string {
	if namespace != "" {
		name = namespace + "/" + name
	}
	return kind + " " + name
}

// ObjectOf returns the name of the object that holds a reference, "" if it has none.
func ObjectOf(r manifest.Reference) string {
	if r.Name == "" {
		return ""
	}
	return ObjectName(r.Kind, r.Namespace, r.Name)
}

// maxShown is how many names or places a message for people has.
const maxShown = 5

// Some returns the first few names and counts the rest.
func Some(names []string) string {
	text := strings.Join(names[:min(len(names), maxShown)], ", ")
	if more := len(names) - maxShown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// SomePlaces names the first few places and counts the rest.
func SomePlaces(places []Place) string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.String()
	}
	return Some(names)
}
