package manifest

import (
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// LockName is the name under which a lock has a source: "URL#chart" for a chart, else the
// URL. A file of the latest release is locked as that of the release that it was, so that an
// edit of the tag is seen.
func (s *Source) LockName() string {
	switch {
	case s.Chart != "":
		return s.URL + "#" + s.Chart
	case s.Form == LatestRelease && s.Pin != "":
		return s.Fetch
	}
	return s.URL
}

// LockFollows are the texts that an entry for s may follow, in the order in which they are
// tried. A name that may be a branch or a tag has both; where the lock has both, only one
// may be what the consumer takes.
func (s *Source) LockFollows() []string {
	switch s.Form {
	case Branch:
		return []string{"refs/heads/" + s.Follows}
	case Tag:
		return []string{"refs/tags/" + s.Follows}
	case BranchOrTag:
		return []string{"refs/tags/" + s.Follows, "refs/heads/" + s.Follows}
	case Head:
		return []string{"HEAD"}
	case VersionRange:
		if s.Follows == "" {
			return []string{"*"}
		}
	}
	return []string{s.Follows}
}

// Entry returns the lock's entry for a source of the given kind: that of what it follows,
// or, where the place carries a pin and no name can be read beside it, one of the same
// repository or chart with that pin. Of two entries for a name that may be a branch or a
// tag, it is the one with the place's pin.
func (s *Source) Entry(l *lockfile.Lock, kind lockfile.Kind) (lockfile.Entry, bool) {
	if l == nil || s.URL == "" || s.Repo {
		return lockfile.Entry{}, false
	}
	name := s.LockName()
	if kind == lockfile.URL {
		return l.Find(kind, name)
	}
	var found lockfile.Entry
	ok := false
	for _, follows := range s.LockFollows() {
		e, locked := l.FindFollowing(kind, name, follows)
		if locked && (!ok || s.Agrees(e)) {
			found, ok = e, true
		}
	}
	if ok || s.Form != Commit && s.Form != Version {
		return found, ok
	}
	for _, e := range l.Entries {
		if e.Kind == kind && e.Name == name && s.Agrees(e) {
			return e, true
		}
	}
	return lockfile.Entry{}, false
}

// Agrees reports whether the pin that the place carries is that of an entry.
func (s *Source) Agrees(e lockfile.Entry) bool {
	switch {
	case e.Kind == lockfile.Chart:
		return s.Pin != "" && SameVersion(s.Pin, e.Version)
	case e.Kind == lockfile.URL && s.Pin != "" && !lockfile.ValidDigest(s.Pin):
		// The commit is held against its repository's entry, and the tag of a release is in
		// the entry's name.
		return true
	}
	return s.Pin != "" && s.Pin == e.Pin()
}

// ExactBy reports whether the name in the file says what it means by itself, or is a tag by
// the lock's entry for it, which is zero where there is none.
func (s *Source) ExactBy(e lockfile.Entry) bool {
	return s.Exact() || s.Form == BranchOrTag && strings.HasPrefix(e.Ref, "refs/tags/")
}

// SameVersion reports whether two exact versions of a chart are one: Helm takes a leading v
// for nothing.
func SameVersion(a, b string) bool {
	return strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v")
}

// GitSource is the git repository that the file of a URL source lies in, as a source of its
// own; nil if the URL leads into none, or is fetched at run time and only watched.
func (s *Source) GitSource() *Source {
	if s.Repository == "" || s.Form == LatestRelease || s.Watched {
		return nil
	}
	return &Source{URL: s.Repository, Fetch: s.Repository, Path: s.Path, Follows: s.Follows,
		Form: s.Form, Pin: s.Pin, By: s.By, Holder: s.Holder}
}

// WithoutSources takes git sources, charts and URLs out of what was found in the file, for
// callers that judge images and artifacts only.
func (f *File) WithoutSources() {
	f.References = slices.DeleteFunc(f.References, func(r Reference) bool { return r.Source != nil })
	f.Remarks = slices.DeleteFunc(f.Remarks, func(m Remark) bool { return m.Input.IsSource() })
}
