package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// unlocked finds pins that the lock knows nothing of.
func unlocked(c *checker, r *judged) {
	if c.lockable(r) && !r.locked && c.otherKind(r) == "" && c.stale(r) == "" {
		c.atUnlocked(r, Unlocked, r.noun()+" is pinned, but plumb.lock has no entry for "+
			r.Tracked, "lock")
	}
}

// stalePin finds pins that the lock has under another tag: a tag was edited by hand, and
// the digest behind it was left.
func stalePin(c *checker, r *judged) {
	if !c.lockable(r) || r.locked || c.otherKind(r) != "" {
		return
	}
	if other := c.stale(r); other != "" {
		c.atUnlocked(r, StalePin, fmt.Sprintf("%s has the digest of %s, and plumb.lock has no "+
			"entry for %s", r.noun(), other, r.Tracked), "check what the tag means, and lock")
	}
}

// stale is another tag of r's repository under which the lock has r's digest, "" if there
// is none, or if r has no tag.
func (c *checker) stale(r *judged) string {
	repo, _, tagged := cutTag(r.Tracked)
	if !tagged {
		return ""
	}
	for _, e := range c.sameDigest(r.Digest) {
		if other, _, tagged := cutTag(e.Name); tagged && e.Kind == r.Input && other == repo {
			return e.Name
		}
	}
	return ""
}

// cutTag takes a tracked name apart; ok is false for one without a tag.
func cutTag(tracked string) (repo, tag string, ok bool) {
	n, err := oci.Parse(tracked)
	if err != nil || n.Tag == "" {
		return "", "", false
	}
	return n.Repo(), n.Tag, true
}

// sameDigest are the lock's entries with a digest.
func (c *checker) sameDigest(digest string) []lockfile.Entry {
	if c.Lock == nil {
		return nil
	}
	if c.Index == nil {
		c.Index = NewIndex(c.Lock)
	}
	return c.Index.byDigest[digest]
}

// mismatch finds pins that are not the lock's.
func mismatch(c *checker, r *judged) {
	switch {
	case !c.lockable(r):
	case r.locked && r.entry.Digest != r.Digest:
		c.at(r, Mismatch, fmt.Sprintf("%s is not what plumb.lock has for %s: %s", r.noun(),
			r.Tracked, r.entry.Digest),
			c.mismatchFix())
	case !r.locked && c.otherKind(r) != "":
		c.at(r, Mismatch, fmt.Sprintf("%s is in plumb.lock, but as %s", r.noun(), c.otherKind(r)),
			"to lock it as what it is: plumb lock")
	}
}

// unlockedImages finds images that only plumb.yaml names, and that are not locked.
func unlockedImages(c *checker) {
	if c.Partial || c.LockError != nil {
		return
	}
	for _, n := range c.Images {
		named := n.reference(c.ConfigFile)
		r := c.judge(&named)
		if !r.locked {
			c.at(r, Unlocked, fmt.Sprintf("plumb.lock has no entry for image %q", n.Written),
				"to lock it: plumb lock")
			continue
		}
		c.missingPlatforms(r)
		unsigned(c, r)
	}
}

// lockable reports whether r can be held against the lock.
func (c *checker) lockable(r *judged) bool {
	return c.LockError == nil && r.Tracked != "" && lockfile.ValidDigest(r.Digest)
}

// otherKind is the input kind under which the lock has r's name, if it is not
// r's own.
func (c *checker) otherKind(r *judged) lockfile.Kind {
	if c.Lock == nil {
		return ""
	}
	for _, k := range []lockfile.Kind{lockfile.Artifact, lockfile.Image} {
		if _, ok := c.Lock.Find(k, r.Tracked); ok && k != r.Input {
			return k
		}
	}
	return ""
}

// entry returns the lock's entry for a reference: that of its tracked name, or,
// for one that is a digest only, one of its repository with that digest.
func (c *checker) entry(r *manifest.Reference) (lockfile.Entry, bool) {
	if c.Lock == nil || r.Tracked == "" {
		return lockfile.Entry{}, false
	}
	if e, ok := c.Lock.Find(r.Input, r.Tracked); ok {
		return e, true
	}
	repo, digest, ok := strings.Cut(r.Tracked, "@")
	if !ok {
		return lockfile.Entry{}, false
	}
	same := c.sameDigest(digest)
	i := slices.IndexFunc(same, func(e lockfile.Entry) bool {
		n, err := oci.Parse(e.Name)
		return err == nil && e.Kind == r.Input && n.Repo() == repo
	})
	if i < 0 {
		return lockfile.Entry{}, false
	}
	return same[i], true
}

// unreadableLock tells that there is no lock to judge by.
func unreadableLock(c *checker) {
	if c.LockError == nil {
		return
	}
	f := Finding{Rule: LockRule, Severity: Error, File: c.LockFile, Line: 1, Column: 1,
		Message: c.LockError.Error()}
	if se, ok := c.LockError.(*lockfile.SyntaxError); ok {
		f.Line, f.Message, f.Fix = se.Line, se.Msg, se.Fix
	}
	c.add(f)
}

// unused remarks on entries that nothing refers to.
func unused(c *checker) {
	if c.Lock == nil || c.Partial {
		return
	}
	lines := lockfile.EntryLines(c.LockText)
	for i, e := range c.Lock.Entries {
		if c.used[key(e.Kind, e.Name, e.Follows())] {
			continue
		}
		line := 1
		if i < len(lines) {
			line = lines[i]
		}
		name := e.Name
		if follows := e.Follows(); follows != "" {
			name += " " + follows
		}
		c.add(Finding{Rule: Unused, Severity: Remark, File: c.LockFile, Line: line, Column: 5,
			Reference: e.Name, Message: fmt.Sprintf("nothing refers to %s %s", e.Kind, name),
			Fix: "to drop the entry: plumb lock"})
	}
}
