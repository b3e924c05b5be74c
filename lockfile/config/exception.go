package config

import (
	"slices"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// Exception is a place or a reference that need not be as it should, for a
// time, and who answers for that.
type Exception struct {
	Reference string    // glob of references; "" for every one
	Path      string    // glob of files; "" for every one
	Reason    string    // why it is there
	Owner     string    // who answers for it
	Expires   time.Time // midnight UTC of the last day on which it holds

	Line, Column int // 1-based, in plumb.yaml; columns count bytes
}

// Expired reports whether the exception no longer holds at the given time.
func (e Exception) Expired(at time.Time) bool {
	return !at.Before(e.Expires.AddDate(0, 0, 1))
}

// Covers reports whether the exception is about the file at path and, by any of
// its names, the reference in it: as written and as tracked, for instance. It
// does not tell whether the exception has expired.
func (e Exception) Covers(path string, names ...string) bool {
	if e.Path != "" && !matchesAny([]string{e.Path}, path) {
		return false
	}
	return e.Reference == "" || slices.ContainsFunc(names, func(name string) bool {
		return doublestar.MatchUnvalidated(e.Reference, name)
	})
}

// Excepted returns the indexes of all exceptions that hold at the given time
// and cover a reference of these names in the file at path. There are none if
// the reference is not excepted.
func (c *Config) Excepted(at time.Time, path string, names ...string) []int {
	var which []int
	for i, e := range c.Exceptions {
		if !e.Expired(at) && e.Covers(path, names...) {
			which = append(which, i)
		}
	}
	return which
}
