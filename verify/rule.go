package verify

// Rule is one thing that Check looks for.
type Rule struct {
	Name     string   // one of the constants below
	Severity Severity // the gravest that its findings have
	Says     string   // one line

	// reference judges one reference, and tree what is about all of them, once
	// every reference has been judged. Either may be nil: a scan reports some
	// things itself.
	reference func(c *checker, r *judged)
	tree      func(c *checker)
}

// The names of the rules. What each looks for is in Rules.
const (
	Unpinned   = "unpinned"   // a reference without a digest
	Unlocked   = "unlocked"   // a pin without an entry in the lock
	StalePin   = "stale-pin"  // a pin that the lock has under another tag
	Mismatch   = "mismatch"   // a pin that is not the lock's
	Unused     = "unused"     // an entry that nothing refers to
	Unsigned   = "unsigned"   // an image that the policies do not accept
	Evidence   = "evidence"   // stored evidence that is missing, altered or insufficient
	Platform   = "platform"   // an image without a manifest for a platform
	Uneditable = "uneditable" // a reference that cannot be pinned in place
	Suspect    = "suspect"    // what looks like an image in an unknown field
	Unreadable = "unreadable" // a manifest that cannot be parsed
	LockRule   = "lock"       // a lock that cannot be read
	Exception  = "exception"  // an exception that has expired or matches nothing
	Gone       = "gone"       // a pin that can no longer be pulled
	Content    = "content"    // content that is not what the lock says
	Unenforced = "unenforced" // a pin that only plumb compares with the lock
	Nothing    = "nothing"    // a tree, path or stream without anything to verify

	UnknownInput = "unknown-input" // what a consumer would read and plumb cannot
)

// Rules lists the rules in the order in which they are documented.
func Rules() []Rule {
	return []Rule{
		{Unpinned, Error, "the reference has no digest or commit", unpinned, nil},
		{Unlocked, Error, "the reference is pinned, but the lock has no entry for it", unlocked,
			unlockedImages},
		{StalePin, Error, "the lock has the digest under another tag of the repository, and has no " +
			"entry for this one", stalePin, nil},
		{Mismatch, Error, "manifest and lock disagree", mismatch, nil},
		{Unused, Remark, "the lock has an entry that nothing refers to", nil, unused},
		{Unsigned, Error, "no evidence satisfies the policies that match", unsigned, nil},
		{Evidence, Error, "evidence is missing, altered, or no longer satisfies the policy", nil,
			nil},
		{Platform, Error, "a platform that the nodes run has no manifest", platform, nil},
		{Uneditable, Error, "a reference that plumb can see but not pin in place", uneditable, nil},
		{Suspect, Remark, "a string that looks like an image in a field that plumb does not know",
			nil, nil},
		{Unreadable, Error, "a file that should hold manifests cannot be parsed", nil, nil},
		{LockRule, Error, "plumb.lock cannot be read, or is not canonical", nil, unreadableLock},
		{Exception, Error, "an exception that has expired or matches nothing", nil, badExceptions},
		{Gone, Error, "what is pinned can no longer be pulled; only `--online` checks", nil, nil},
		{Content, Error, "content is not what the lock says; of images only `--online` checks", nil,
			nil},
		{Unenforced, Remark, "only plumb compares the content with the lock: the consumer has no " +
			"field for it", nil, nil},
		{UnknownInput, Error, "what a consumer would read is not in the tree, or is left out", nil,
			nil},
		{Nothing, Error, "there is no object to verify", nil, nothing},
	}
}
