package report

import (
	"cmp"

	"github.com/plumb-dev/plumb/lockfile"
)

// Failure is a name that could not be queried, as in JSON documents.
type Failure struct {
	Kind   lockfile.Kind `json:"kind"`
	Name   string        `json:"name"`
	Error  string        `json:"error"`
	Fix    string        `json:"fix"` // "" if there is none
	Places []Place       `json:"places"`

	// TimedOut reports whether time ran out before it was queried.
	TimedOut bool `json:"-"`
	// Cause is what is wrong with the registry or on the way to it, the same for all
	// names that fail for it; "" if it is only wrong with this name.
	Cause string `json:"-"`
	// NotSent says that the registry was not queried for it at all, because of Cause.
	NotSent bool `json:"-"`
}

// place is the first place that names it, or the zero Place.
func (f Failure) place() Place {
	if len(f.Places) == 0 {
		return Place{}
	}
	return f.Places[0]
}

// Failures are failures of one cause.
type Failures []Failure

// ByCause groups failures by their cause, or by their error where none is known. The
// groups are in the order of their first failures.
func ByCause(failures []Failure) []Failures {
	var groups []Failures
	index := map[string]int{}
	for _, f := range failures {
		cause := cmp.Or(f.Cause, f.Error)
		i, ok := index[cause]
		if !ok {
			i = len(groups)
			index[cause] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

// Names are the names that failed.
func (f Failures) Names() []string {
	names := make([]string, len(f))
	for i, one := range f {
		names[i] = one.Name
	}
	return names
}

// Places are the places that refer to the names.
func (f Failures) Places() []Place {
	var places []Place
	for _, one := range f {
		places = append(places, one.Places...)
	}
	return places
}

// Text is the error of a single failure, and what caused several.
func (f Failures) Text() string {
	if len(f) == 1 {
		return f[0].Error
	}
	return cmp.Or(f[0].Cause, f[0].Error)
}
