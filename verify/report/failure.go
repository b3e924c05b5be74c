package report

import "github.com/plumb-dev/plumb/lockfile"

// Failure is a name that could not be queried, as in JSON documents.
type Failure struct {
	Kind   lockfile.Kind `json:"kind"`
	Name   string        `json:"name"`
	Error  string        `json:"error"`
	Fix    string        `json:"fix"` // "" if there is none
	Places []Place       `json:"places"`

	// TimedOut reports whether time ran out before it was queried.
	TimedOut bool `json:"-"`
	// NotQueried is why its registry was not queried, the same for all names of a
	// registry; "" if it was.
	NotQueried string `json:"-"`
}

// place is the first place that names it, or the zero Place.
func (f Failure) place() Place {
	if len(f.Places) == 0 {
		return Place{}
	}
	return f.Places[0]
}
