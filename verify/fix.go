package verify

// A fix that does not work is worse than none: these depend on what is verified. A stream
// has no plumb.yaml that could leave it out, and is what plumb verify - has read already;
// and policies from outside of the tree suspend its exceptions.

// orExcept adds to what fixes a reference that an exception for it would do as well.
func (c *checker) orExcept(fix string) string {
	if c.ExternalPolicies {
		return fix + " (exceptions in plumb.yaml do not count here)"
	}
	return fix + ", or name it under exceptions in plumb.yaml"
}

// filledInFix fixes what is filled in after plumb has read it.
func (c *checker) filledInFix() string {
	fix := c.orExcept("pin it where its value is set")
	if c.Partial {
		return fix
	}
	return fix + "; to judge what is rendered: plumb verify -"
}

// unreadableFix fixes a file that cannot be parsed.
func (c *checker) unreadableFix() string {
	if c.Partial {
		return "correct it, or the command that writes it"
	}
	return "correct it, or, if no consumer applies it, add it to exclude in plumb.yaml"
}

// signaturesFix gets signatures that are not stored; more is added to the command.
func (c *checker) signaturesFix(more string) string {
	if c.ExternalPolicies {
		return "plumb lock stores the signatures that the repository's own policies require"
	}
	return "to look for its signatures" + more + ": plumb lock"
}

// mismatchFix makes manifest and lock agree.
func (c *checker) mismatchFix() string {
	if c.Partial {
		return "to make both agree: plumb lock, then render again"
	}
	return "to keep the manifest's pin: plumb lock; to take back the lock's: edit the manifest"
}
