package verify

import (
	"time"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// NamedImages returns the images that plumb.yaml wants locked, with their places
// in it.
func NamedImages(c *config.Config) []Named {
	var out []Named
	for _, i := range c.Images {
		if !i.Locked() {
			continue
		}
		if name, err := oci.Parse(i.Name); err == nil {
			out = append(out, Named{Tracked: name.Tracked(), Written: i.Name, Line: i.Line,
				Column: i.Column})
		}
	}
	return out
}

// Exceptions returns plumb.yaml's exceptions as Check takes them, at a time.
func Exceptions(exceptions []config.Exception, now time.Time) []Excepted {
	var out []Excepted
	for _, e := range exceptions {
		what := e.Reference + " in " + e.Path
		switch {
		case e.Path == "":
			what = e.Reference
		case e.Reference == "":
			what = e.Path
		}
		out = append(out, Excepted{Covers: e.Covers, Expired: e.Expired(now),
			Expires: e.Expires.Format(time.DateOnly), What: what, Line: e.Line, Column: e.Column})
	}
	return out
}
