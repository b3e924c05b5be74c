package verify

import (
	"cmp"
	"fmt"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// Input is what Check judges.
type Input struct {
	// Files are what a scan found in each file.
	Files []manifest.File

	// Lock is nil where there is no plumb.lock, which is then as good as empty.
	Lock *lockfile.Lock
	// Index is that of Lock, for callers that judge many times by one lock; nil: it is
	// made where it is needed.
	Index *Index
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
	// Judge says what policies make of a locked image in the object that r is in. Nil: no
	// image is judged, which is for trees without policies only.
	Judge func(e lockfile.Entry, r *manifest.Reference) Judgement
	// Explain is the command that explains a judgement on the image whose name follows;
	// "" is plumb policy check.
	Explain string
	// ExternalPolicies says that Judge decides by policies from outside of the tree, so that
	// the exceptions of its plumb.yaml do not count.
	ExternalPolicies bool
	// Require are the kinds of inputs that must be pinned and locked: what is found of
	// others is a remark. Nil: all of them.
	Require []string
	// Exceptions silence what they match.
	Exceptions []Excepted
	// Self are the URLs of the tree's own repository: what names one is the tree itself.
	Self []config.Self
	// HasPath reports whether the tree of the repository has a file or directory at a path
	// from its root. Nil: that is not known, and paths are not judged.
	HasPath func(path string) bool
	// Partial says that Files are not all of the lock's tree but a stream, so that
	// nothing can be said of what is used nowhere.
	Partial bool
	// Empty are the paths, "." for the whole tree, that were to be judged and hold no
	// manifest; of a stream that holds none, its name.
	Empty []string
	// Idle says that the lock root lies in another one that was to be judged, and holds no
	// manifest, nor a file that plumb.yaml leaves out.
	Idle bool
}

// Named is an image that plumb.yaml names.
type Named struct {
	Tracked      string // canonical tracked name
	Written      string // as plumb.yaml has it
	Line, Column int    // in ConfigFile
}

// reference is what n is in the configuration file.
func (n Named) reference(file string) manifest.Reference {
	return manifest.Reference{File: file, Line: n.Line, Column: n.Column, Input: lockfile.Image,
		Field: "images", Reference: n.Written, Tracked: n.Tracked}
}

// Check judges a tree. The findings are sorted. A tree without errors among
// them is pinned and locked.
func Check(in Input) []Finding {
	c := &checker{Input: in, rules: Rules(), used: map[string]bool{},
		matched: make([]bool, len(in.Exceptions))}
	if c.LockError != nil {
		c.Lock = nil
	}
	for i := range in.Files {
		c.file(&in.Files[i])
	}
	for _, rule := range c.rules { // unlocked before unused: it knows of more uses
		if rule.tree != nil {
			rule.tree(c)
		}
	}
	return Sort(c.findings)
}

// Index finds what a lock has for a digest. It does not follow the lock's changes, and
// may be used by many goroutines at once.
type Index struct{ byDigest map[string][]lockfile.Entry }

// NewIndex returns the index of a lock.
func NewIndex(l *lockfile.Lock) *Index { return &Index{l.ByDigest()} }

// checker holds what is known while a tree is judged.
type checker struct {
	Input
	rules    []Rule
	findings []Finding
	used     map[string]bool // entries that something refers to, by key
	matched  []bool          // exceptions that matched something
}

// reference is embedded under this name, since a field of it is called Reference.
type reference = manifest.Reference

// judged is a reference with the lock's entry for it.
type judged struct {
	*reference
	entry  lockfile.Entry
	locked bool
}

// judge finds what the lock has for a reference, which is thereby used.
func (c *checker) judge(r *manifest.Reference) *judged {
	j := &judged{reference: r}
	if j.entry, j.locked = c.entry(r); j.locked {
		c.use(j.entry)
	}
	return j
}

func key(k lockfile.Kind, name, follows string) string {
	return string(k) + " " + name + " " + follows
}

// file judges what a scan found in one file.
func (c *checker) file(f *manifest.File) {
	if f.Unreadable != nil && !c.emptyStream(f) {
		c.remark(*f.Unreadable, c.unreadableFix())
	}
	for _, r := range f.Remarks {
		fix := "if it is one, name its place under fields in plumb.yaml"
		switch {
		case r.Rule == UnknownInput && !r.Severe:
			fix = "to search what is left out: take it out of exclude, or name it under include"
		case r.Rule == UnknownInput:
			fix = "bring it into the tree; what no consumer reads goes under exclude in plumb.yaml"
		case r.Rule == Uneditable:
			fix = c.filledInFix()
		}
		if !c.excepted(r.File, r.Reference) {
			c.remark(r, fix)
		}
	}
	for i := range f.References {
		c.reference(&f.References[i])
	}
}

// reference judges one reference by all rules.
func (c *checker) reference(r *manifest.Reference) {
	if r.Inherits {
		return
	}
	if r.Source != nil {
		c.source(r)
		return
	}
	j := c.judge(r)
	if c.excepted(r.File, r.Reference, r.Tracked) {
		return
	}
	for _, rule := range c.rules {
		if rule.reference != nil {
			rule.reference(c, j)
		}
	}
}

// noun is what a message calls the reference.
func (r *judged) noun() string {
	switch r.Input {
	case lockfile.Git:
		return fmt.Sprintf("git source %q", r.Reference)
	case lockfile.URL:
		return fmt.Sprintf("URL %q", r.Reference)
	}
	return fmt.Sprintf("%s %q", r.Input, r.Reference)
}

func (c *checker) add(f Finding) { c.findings = append(c.findings, f) }

// at adds an error at a reference; of a kind that is not required, a remark.
func (c *checker) at(r *judged, rule, message, fix string) {
	f := Finding{Rule: rule, Severity: Error, File: r.File, Line: r.Line, Column: r.Column,
		Kind:      r.Kind,
		Namespace: r.Namespace, Name: r.Name, Field: r.Field, Reference: r.Reference,
		Message: message, Fix: fix}
	c.require(&f, r.Input)
	c.add(f)
}

// remark adds what a scan found remarkable.
func (c *checker) remark(r manifest.Remark, fix string) {
	severity := Remark
	if r.Severe {
		severity = Error
	}
	message := r.Message
	if r.Reference != "" {
		message = fmt.Sprintf("%q %s", r.Reference, r.Message)
	}
	f := Finding{Rule: r.Rule, Severity: severity, File: r.File, Line: r.Line, Column: r.Column,
		Kind:      r.Kind,
		Namespace: r.Namespace, Name: r.Name, Field: r.Field, Reference: r.Reference,
		Message: message, Fix: fix}
	if r.Rule == Uneditable {
		c.require(&f, cmp.Or(r.Input, lockfile.Image))
	}
	c.add(f)
}

// Within is the input less the files that covers leaves out, and less the images of
// plumb.yaml where it leaves that out or the files are not those of a tree.
func (in Input) Within(covers func(file string) bool) Input {
	all := in.Files
	in.Files = nil
	for _, f := range all {
		if covers(f.Path) {
			in.Files = append(in.Files, f)
		}
	}
	if in.Partial || !covers(in.ConfigFile) {
		in.Images = nil
	}
	return in
}
