package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/manifest"
)

// Input is what Check judges.
type Input struct {
	Files []manifest.File

	// Lock is nil where there is no plumb.lock, which is then as good as empty.
	Lock *lockfile.Lock
	// LockError is why plumb.lock cannot be read, if it cannot.
	LockError error
	// LockFile and ConfigFile are the names that findings give the two files.
	LockFile, ConfigFile string
	// LockText is the text of plumb.lock, from which lines are counted.
	LockText []byte

	// Platforms are those that every image must have; none are demanded if empty.
	Platforms []string
	// Images are tracked names that must be locked although no file holds them.
	Images []Named
	// Exceptions silence what they match.
	Exceptions []Excepted
	// Partial says that Files are not all of the lock's tree, so that
	// nothing can be said of what is used nowhere.
	Partial bool
}

// Named is an image that plumb.yaml names.
type Named struct {
	Tracked      string // canonical tracked name
	Written      string // as plumb.yaml has it
	Line, Column int    // in ConfigFile
}

// Excepted is an exception as plumb.yaml gives it.
type Excepted struct {
	// Covers reports whether the exception is meant for a reference: the file
	// it stands in, its text and its tracked name.
	Covers func(file string, names ...string) bool
	// Expired says that its last day is over.
	Expired      bool
	Expires      string // that day, for messages
	What         string // the globs, for messages
	Line, Column int    // in ConfigFile
}

// Check judges a tree. The findings are sorted. A tree without errors among
// them is pinned and locked.
func Check(in Input) []Finding {
	c := checker{Input: in, used: map[string]bool{}, matched: make([]bool, len(in.Exceptions))}
	c.lock()
	for i := range in.Files {
		c.file(&in.Files[i])
	}
	for i := range in.Images {
		c.image(&in.Images[i])
	}
	c.unused()
	c.exceptions()
	return Sort(c.findings)
}

type checker struct {
	Input
	findings []Finding
	byDigest map[string][]lockfile.Entry
	used     map[string]bool // entries that something refers to, by key
	matched  []bool          // exceptions that matched something
}

func key(k lockfile.Kind, name string) string { return string(k) + " " + name }

func (c *checker) add(f Finding) { c.findings = append(c.findings, f) }

// lock judges whether there is a lock to judge by.
func (c *checker) lock() {
	if c.LockError == nil {
		return
	}
	f := Finding{Rule: LockRule, Severity: Error, File: c.LockFile, Line: 1, Column: 1, Message: c.LockError.Error()}
	if se, ok := c.LockError.(*lockfile.SyntaxError); ok {
		f.Line, f.Message, f.Fix = se.Line, se.Msg, se.Fix
	}
	c.add(f)
	c.Lock = nil
}

func (c *checker) file(f *manifest.File) {
	if f.Unreadable != nil {
		c.remark(*f.Unreadable, "to leave the file out: add it to exclude in plumb.yaml")
	}
	for _, r := range f.Remarks {
		fix := "if it is one, name its place under fields in plumb.yaml"
		if r.Rule == Uneditable {
			fix = "pin it where its value is set; to judge what is rendered: plumb verify -"
		}
		if c.excepted(r.File, r.Reference) {
			continue
		}
		c.remark(r, fix)
	}
	for i := range f.References {
		c.reference(&f.References[i])
	}
}

func (c *checker) remark(r manifest.Remark, fix string) {
	severity := Remark
	if r.Severe {
		severity = Error
	}
	message := r.Message
	if r.Reference != "" {
		message = fmt.Sprintf("%q %s", r.Reference, r.Message)
	}
	c.add(Finding{Rule: r.Rule, Severity: severity, File: r.File, Line: r.Line, Column: r.Column, Kind: r.Kind,
		Namespace: r.Namespace, Name: r.Name, Field: r.Field, Reference: r.Reference, Message: message, Fix: fix})
}

// reference judges one reference.
func (c *checker) reference(r *manifest.Reference) {
	if r.Inherits {
		return
	}
	e, locked := c.entry(r)
	if locked {
		c.used[key(e.Kind, e.Name)] = true
	}
	if c.excepted(r.File, r.Reference, r.Tracked) {
		return
	}
	noun := fmt.Sprintf("%s %q", r.Input, r.Reference)
	switch {
	case r.Digest == "" && !r.Editable:
		c.at(r, Uneditable, noun+" is not pinned, and cannot be pinned in place: "+r.Why,
			"pin it by hand, or name it under exceptions in plumb.yaml")
	case r.Digest == "":
		c.at(r, Unpinned, noun+" is not pinned", c.lockIt("pin", r))
	case r.Tracked == "":
		c.at(r, Uneditable, noun+" cannot be locked: "+r.Why, "")
	case !lockfile.ValidDigest(r.Digest):
		c.at(r, Uneditable, noun+" is pinned by a digest that a lock does not hold: only sha256 is",
			"write its sha256 digest instead")
	case c.LockError != nil:
		// the lock's own finding says it all
	case !locked && c.otherKind(r) != "":
		c.at(r, Mismatch, fmt.Sprintf("%s is locked as %s %s", noun, article(c.otherKind(r)), c.otherKind(r)), "to lock it as what it is: plumb lock")
	case !locked:
		c.at(r, Unlocked, noun+" is pinned, but plumb.lock has no entry for "+r.Tracked, c.lockIt("lock", r))
	case e.Digest != r.Digest:
		c.at(r, Mismatch, fmt.Sprintf("%s is not what plumb.lock has for %s: %s", noun, r.Tracked, e.Digest),
			"to keep the manifest's pin: plumb lock; to take back the lock's: edit the manifest")
	default:
		c.platforms(r, e)
	}
}

// lockIt says how to pin or lock a reference. What was rendered is mended where
// it comes from.
func (c *checker) lockIt(verb string, r *manifest.Reference) string {
	if c.Partial {
		return "to " + verb + " it: plumb lock, then render again"
	}
	return "to " + verb + " it: plumb lock " + r.File
}

// otherKind is the input kind under which the lock has r's name, if it is not
// r's own.
func (c *checker) otherKind(r *manifest.Reference) lockfile.Kind {
	if c.Lock != nil {
		for _, k := range []lockfile.Kind{lockfile.Artifact, lockfile.Image} {
			if _, ok := c.Lock.Find(k, r.Tracked); ok && k != r.Input {
				return k
			}
		}
	}
	return ""
}

func article(k lockfile.Kind) string {
	if strings.ContainsRune("aeiou", rune(k[0])) {
		return "an"
	}
	return "a"
}

// image judges an image that only plumb.yaml names.
func (c *checker) image(n *Named) {
	if c.Partial || c.LockError != nil {
		return
	}
	r := &manifest.Reference{File: c.ConfigFile, Line: n.Line, Column: n.Column, Input: lockfile.Image,
		Field: "images", Reference: n.Written, Tracked: n.Tracked}
	e, ok := c.entry(r)
	if !ok {
		c.at(r, Unlocked, fmt.Sprintf("plumb.lock has no entry for image %q", n.Written), "to lock it: plumb lock")
		return
	}
	c.used[key(e.Kind, e.Name)] = true
	c.platforms(r, e)
}

func (c *checker) at(r *manifest.Reference, rule, message, fix string) {
	c.add(Finding{Rule: rule, Severity: Error, File: r.File, Line: r.Line, Column: r.Column, Kind: r.Kind,
		Namespace: r.Namespace, Name: r.Name, Field: r.Field, Reference: r.Reference, Message: message, Fix: fix})
}

// platforms judges whether an image can run on every node.
func (c *checker) platforms(r *manifest.Reference, e lockfile.Entry) {
	if e.Kind != lockfile.Image {
		return
	}
	for _, want := range c.Platforms {
		if !slices.ContainsFunc(e.Platforms, func(p lockfile.Platform) bool { return lockfile.SamePlatform(p.Platform, want) }) {
			c.at(r, Platform, fmt.Sprintf("image %q has no manifest for %s", r.Reference, want),
				"use an image that has one, or take the platform out of platforms in plumb.yaml")
		}
	}
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
	if c.byDigest == nil {
		c.byDigest = c.Lock.ByDigest()
	}
	for _, e := range c.byDigest[digest] {
		if n, err := oci.Parse(e.Name); err == nil && e.Kind == r.Input && n.Repo() == repo {
			return e, true
		}
	}
	return lockfile.Entry{}, false
}

// unused remarks on entries that nothing refers to.
func (c *checker) unused() {
	if c.Lock == nil || c.Partial {
		return
	}
	lines := lockfile.EntryLines(c.LockText)
	for i, e := range c.Lock.Entries {
		if c.used[key(e.Kind, e.Name)] {
			continue
		}
		line := 1
		if i < len(lines) {
			line = lines[i]
		}
		c.add(Finding{Rule: Unused, Severity: Remark, File: c.LockFile, Line: line, Column: 5,
			Reference: e.Name, Message: fmt.Sprintf("nothing refers to %s %s", e.Kind, e.Name), Fix: "to drop the entry: plumb lock"})
	}
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

// exceptions judges the exceptions themselves.
func (c *checker) exceptions() {
	for i, e := range c.Exceptions {
		f := Finding{Rule: Exception, Severity: Error, File: c.ConfigFile, Line: e.Line, Column: e.Column, Reference: e.What}
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
