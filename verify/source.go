package verify

import (
	"fmt"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// source judges a reference to a git repository, a chart or a file at a URL.
func (c *checker) source(r *manifest.Reference) {
	s := r.Source
	j := &judged{reference: r}
	if j.entry, j.locked = s.Entry(c.Lock, r.Input); j.locked {
		c.use(j.entry)
	}
	git := s.GitSource()
	var at lockfile.Entry
	gitLocked := false
	if git != nil {
		if at, gitLocked = git.Entry(c.Lock, lockfile.Git); gitLocked {
			c.use(at)
		}
	}
	if c.excepted(r.File, r.Reference, r.Tracked) || s.Repo {
		return
	}
	if own, ok := OwnSource(c.Self, s); ok {
		c.ownSource(j, own)
		return
	}
	if s.URL == "" {
		c.at(j, Uneditable, j.noun()+" cannot be locked: "+r.Why, c.orExcept("say where it comes from"))
		return
	}
	c.pinnedSource(j)
	if git != nil && git.Pin != "" && c.LockError == nil {
		c.lockedCommit(&judged{reference: r, entry: at, locked: gitLocked}, git)
	}
}

// use notes that something refers to an entry.
func (c *checker) use(e lockfile.Entry) { c.used[key(e.Kind, e.Name, e.Follows())] = true }

// OwnSource reports whether s is the tree's own repository, and by which item of self.
func OwnSource(self []config.Self, s *manifest.Source) (config.Self, bool) {
	switch {
	case s.Repository != "":
		return config.Own(self, s.Repository)
	case s.Chart != "":
		return config.Self{}, false
	}
	return config.Own(self, s.URL)
}

// ownSource judges a source that is the tree itself: it has to be the tree's branch, and a
// path in it.
func (c *checker) ownSource(r *judged, own config.Self) {
	s := r.Source
	switch {
	case s.Pin != "" || !own.Follows(s.Follows) || s.Form == manifest.Tag ||
		s.Form == manifest.TagRange || s.Form == manifest.Commit:
		c.at(r, UnknownInput, fmt.Sprintf("%s is this repository at %s, which may be another tree "+
			"than this one", r.noun(), s.Follows),
			"follow the branch that the tree is applied from, or name that under self in plumb.yaml")
	case s.Path != "" && c.HasPath != nil && !c.HasPath(path.Clean(s.Path)):
		c.at(r, UnknownInput, fmt.Sprintf("%s is this repository, which has no path %s", r.noun(),
			s.Path), "correct the path")
	}
}

// pinnedSource judges whether a source is pinned and locked.
func (c *checker) pinnedSource(r *judged) {
	s := r.Source
	switch {
	case s.Holder == manifest.ByTree, s.Fault != "":
		c.vendored(r)
	case s.Pin != "" && s.Holder == manifest.ByConsumer && !c.fullPin(r):
		c.at(r, Unpinned, fmt.Sprintf("%s is pinned to %q, which is not a full commit id or digest",
			r.noun(), s.Pin), "write the full id, or the name that it stands for")
	case s.Pin != "" && s.Holder == manifest.ByConsumer:
		c.lockedSource(r)
	case s.Pin == "" && r.Editable && !(r.locked && s.OnBranch && s.ExactBy(r.entry)):
		c.atUnlocked(r, Unpinned, r.noun()+" is not pinned", "pin")
	case !s.ExactBy(r.entry):
		c.at(r, Unpinned, r.noun()+" is not pinned, and cannot be pinned in place: "+r.Why,
			c.orExcept("follow a tag or an exact version"))
	case c.LockError != nil:
	case !r.locked:
		c.atUnlocked(r, Unlocked, fmt.Sprintf("plumb.lock has no entry for %s", r.noun()), "lock")
	case s.Pin != "" && !s.Agrees(r.entry):
		c.sourceMismatch(r)
	default:
		c.unenforced(r)
	}
}

// vendored judges the content that a consumer takes from the tree by the lock, where that has
// an entry for it.
func (c *checker) vendored(r *judged) {
	s := r.Source
	switch {
	case s.Fault != "":
		c.at(r, Content, fmt.Sprintf("%s is taken from the tree, but what is there cannot be read: %s",
			r.noun(), s.Fault), "replace it by the chart as helm pull fetches it")
	case s.Vendored == "" || !r.locked || r.entry.Content == "" || s.Vendored == r.entry.Content:
	default:
		c.at(r, Content, fmt.Sprintf("%s is version %s in the tree, with content %s; plumb.lock has "+
			"version %s, with content %s", r.noun(), s.Pin, s.Vendored, r.entry.Version,
			r.entry.Content), "find out who changed it; to replace it: helm dependency update, or "+
			"remove its entry from plumb.lock if the tree is right")
	}
}

// fullPin reports whether the pin of a source is one that means one content only.
func (c *checker) fullPin(r *judged) bool {
	pin := r.Source.Pin
	return lockfile.ValidCommit(pin) || lockfile.ValidDigest(pin) || r.Input == lockfile.Chart
}

// lockedSource judges the pin of a source that its consumer obeys by the lock.
func (c *checker) lockedSource(r *judged) {
	switch {
	case c.LockError != nil:
	case !r.locked:
		c.atUnlocked(r, Unlocked, r.noun()+" is pinned, but plumb.lock has no entry for "+r.Tracked,
			"lock")
	case r.Input == lockfile.URL:
		// The commit in the URL is held against the entry of its repository.
	case !r.Source.Agrees(r.entry):
		c.sourceMismatch(r)
	}
}

// lockedCommit judges the commit in a URL by the lock's entry of its repository.
func (c *checker) lockedCommit(r *judged, git *manifest.Source) {
	switch {
	case !lockfile.ValidCommit(git.Pin):
	case !r.locked:
		c.atUnlocked(r, Unlocked, fmt.Sprintf("%s is pinned, but plumb.lock has no entry for the "+
			"commit %s of %s", r.noun(), git.Pin, git.URL), "lock")
	case !git.Agrees(r.entry):
		c.sourceMismatch(r)
	}
}

func (c *checker) sourceMismatch(r *judged) {
	have := r.entry.Pin()
	if r.entry.Kind == lockfile.Chart {
		have = r.entry.Version
	}
	c.at(r, Mismatch, fmt.Sprintf("%s is not what plumb.lock has for %s: %s", r.noun(), r.Tracked,
		have), c.mismatchFix())
}

// unenforced remarks on a source that plumb alone compares with the lock.
func (c *checker) unenforced(r *judged) {
	why := r.Why
	if r.Editable || why == "" || r.Input == lockfile.URL {
		why = "its consumer has no field for a digest"
		if r.Source.OnBranch {
			why = "its consumer finds a commit only on a branch"
		}
	}
	f := Finding{Rule: Unenforced, Severity: Remark, File: r.File, Line: r.Line, Column: r.Column,
		Kind: r.Kind, Namespace: r.Namespace, Name: r.Name, Field: r.Field, Reference: r.Reference,
		Message: fmt.Sprintf("%s is locked, but only plumb compares it with plumb.lock: %s", r.noun(),
			why), Fix: unenforcedFix(r)}
	c.add(f)
}

// unenforcedFix is how the consumer itself could be held to the content.
func unenforcedFix(r *judged) string {
	if r.Input == lockfile.Chart && strings.HasPrefix(r.Source.URL, "oci://") &&
		(r.Kind == "HelmRelease" || r.Kind == "HelmChart") {
		return "to hold Flux to the digest, name the chart by an OCIRepository with ref.digest and " +
			"chartRef"
	}
	return "to hold the consumer to it, vendor the content; to compare: plumb verify --online"
}
