package verify

// Rule is one thing that Check looks for.
type Rule struct {
	Name     string
	Severity Severity // the gravest that its findings have
	Says     string   // one line

	// reference judges one reference, and tree what is about all of them, once
	// every reference has been judged. Either may be nil: a scan reports some
	// things itself.
	reference func(c *checker, r *judged)
	tree      func(c *checker)
}

// The names of the rules.
const (
	Unpinned   = "unpinned"
	Unlocked   = "unlocked"
	Mismatch   = "mismatch"
	Unused     = "unused"
	Unsigned   = "unsigned"
	Evidence   = "evidence"
	Platform   = "platform"
	Uneditable = "uneditable"
	Suspect    = "suspect"
	Unreadable = "unreadable"
	LockRule   = "lock"
	Exception  = "exception"
	Gone       = "gone"
)

// Rules lists the rules in the order in which they are documented.
func Rules() []Rule {
	return []Rule{
		{Unpinned, Error, "the reference has no digest", unpinned, nil},
		{Unlocked, Error, "the reference is pinned, but the lock has no entry for it", unlocked, unlockedImages},
		{Mismatch, Error, "manifest and lock disagree", mismatch, nil},
		{Unused, Remark, "the lock has an entry that nothing refers to", nil, unused},
		{Unsigned, Error, "no evidence satisfies the policies that match", unsigned, nil},
		{Evidence, Error, "evidence is missing, altered, or no longer satisfies the policy", nil, nil},
		{Platform, Error, "a platform that the nodes run has no manifest", platform, nil},
		{Uneditable, Error, "a reference that plumb can see but not pin in place", uneditable, nil},
		{Suspect, Remark, "a string that looks like an image in a field that plumb does not know", nil, nil},
		{Unreadable, Error, "a file that should hold manifests cannot be parsed", nil, nil},
		{LockRule, Error, "plumb.lock cannot be read, or is not canonical", nil, unreadableLock},
		{Exception, Error, "an exception that has expired or matches nothing", nil, badExceptions},
		{Gone, Error, "what is pinned can no longer be pulled; only `--online` asks", nil, nil},
	}
}
