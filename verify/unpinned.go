package verify

import "github.com/plumb-dev/plumb/lockfile"

// unpinned finds references that plumb could pin in place, and that are not.
func unpinned(c *checker, r *judged) {
	if r.Digest == "" && r.Editable {
		c.atUnlocked(r, Unpinned, r.noun()+" is not pinned", "pin")
	}
}

// uneditable finds references that have no pin that a lock could hold, and that
// plumb cannot give one.
func uneditable(c *checker, r *judged) {
	switch {
	case r.Digest == "" && !r.Editable:
		c.at(r, Uneditable, r.noun()+" is not pinned, and cannot be pinned in place: "+r.Why,
			c.orExcept("pin it by hand"))
	case r.Digest != "" && r.Tracked == "":
		c.at(r, Uneditable, r.noun()+" cannot be locked: "+r.Why,
			c.orExcept("write a name that plumb can lock"))
	case r.Digest != "" && !lockfile.ValidDigest(r.Digest):
		c.at(r, Uneditable, r.noun()+
			" is pinned by a digest that a lock does not hold: only sha256 is",
			c.orExcept("write its sha256 digest instead"))
	}
}

// FixedByLock reports whether plumb lock fixes what a rule finds, whatever it is.
func FixedByLock(rule string) bool { return rule == Unpinned || rule == Unlocked }

// atUnlocked adds an error that plumb lock fixes. What was rendered is fixed where it
// comes from.
func (c *checker) atUnlocked(r *judged, rule, message, verb string) {
	if c.Partial {
		c.at(r, rule, message, "to "+verb+" it: plumb lock, then render again")
		return
	}
	c.at(r, rule, message, "to "+verb+" it: plumb lock "+r.File)
	c.findings[len(c.findings)-1].FixAll = "to " + verb + " them: plumb lock"
}
