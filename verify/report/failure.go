package report

import "github.com/plumb-dev/plumb/lockfile"

// Failure is a name of which something could not be learned, as JSON documents have
// it.
type Failure struct {
	Kind   lockfile.Kind `json:"kind"`
	Name   string        `json:"name"`
	Error  string        `json:"error"`
	Fix    string        `json:"fix"` // "" if there is none
	Places []Place       `json:"places"`

	// TimedOut says that time ran out before it was queried.
	TimedOut bool `json:"-"`
	// NotQueried is why the registry was not queried for it at all, the same for all
	// its names; "" if it was.
	NotQueried string `json:"-"`
}

// place is the first place that names it; the zero Place if none does.
func (f Failure) place() Place {
	if len(f.Places) == 0 {
		return Place{}
	}
	return f.Places[0]
}
