package verify

import "fmt"

// Excepted is an exception as plumb.yaml gives it.
type Excepted struct {
	// Covers reports whether the exception is meant for a reference: the file
	// that it is in, its text and its tracked name.
	Covers func(file string, names ...string) bool
	// Expired says that its last day is over.
	Expired      bool
	Expires      string // that day, for messages
	What         string // the globs, for messages
	Line, Column int    // in ConfigFile
}

// excepted reports whether a live exception covers a reference, and notes
// every exception that does.
func (c *checker) excepted(file string, names ...string) bool {
	covered := false
	for i, e := range c.Exceptions {
		if e.Covers(file, names...) {
			c.matched[i] = true
			covered = covered || !e.Expired
		}
	}
	return covered
}

// badExceptions judges the exceptions themselves.
func badExceptions(c *checker) {
	for i, e := range c.Exceptions {
		f := Finding{Rule: Exception, Severity: Error, File: c.ConfigFile, Line: e.Line,
			Column: e.Column, Reference: e.What}
		switch {
		case e.Expired:
			f.Message = fmt.Sprintf("the exception for %s expired on %s", e.What, e.Expires)
			f.Fix = "take it out, or agree on a later day with its owner"
		case !c.matched[i] && !c.Partial:
			f.Message = fmt.Sprintf("the exception for %s matches nothing", e.What)
			f.Fix = "take it out"
		default:
			continue
		}
		c.add(f)
	}
}
