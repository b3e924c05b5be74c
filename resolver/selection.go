package resolver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify"
)

// Selection is a set of tracked names, given as names or globs. Without any pattern, it
// is all of them.
type Selection struct{ patterns []string }

// NewSelection returns the names that match one of the patterns, which are globs, or
// names as in the manifests or in the lock. A pattern without a tag matches all tags of
// the repository. The error is a *lockroot.InvalidError.
func NewSelection(patterns []string) (*Selection, error) {
	for _, p := range patterns {
		if !doublestar.ValidatePattern(p) {
			return nil, &lockroot.InvalidError{Err: fmt.Errorf("%s: not a valid name or glob", p)}
		}
	}
	return &Selection{patterns}, nil
}

// Match reports whether a name is selected.
func (s *Selection) Match(t Tracked) bool {
	matches := func(pattern string) bool { return Matches(pattern, t) }
	return len(s.patterns) == 0 || slices.ContainsFunc(s.patterns, matches)
}

// Matches reports whether a pattern matches a tracked name. A pattern without a tag
// matches every tag of its repository.
func Matches(pattern string, t Tracked) bool {
	if pattern == t.Name || canonical(pattern) == t.Name ||
		canonicalRepository(pattern) == untagged(t.Name) {
		return true
	}
	if t.Kind.IsSource() {
		return matchesSource(pattern, t)
	}
	short := strings.TrimPrefix(strings.TrimPrefix(t.Name, "docker.io/"), "library/")
	for _, name := range append(t.Written, t.Name, short) {
		// Written names may carry a digest, which patterns leave out.
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "oci://"), "@")
		if name == pattern || doublestar.MatchUnvalidated(pattern, name) ||
			doublestar.MatchUnvalidated(pattern, untagged(name)) {
			return true
		}
	}
	return false
}

// matchesSource reports whether a pattern matches a git source, a chart or a URL: by its URL,
// with or without what it follows, in any form that git takes, or by the chart's name.
func matchesSource(pattern string, t Tracked) bool {
	name := t.Name
	if at := strings.LastIndexByte(name, '@'); at > strings.LastIndexByte(name, '/') {
		name = name[:at]
	}
	_, chart, _ := strings.Cut(name, "#")
	for _, s := range append(t.Written, t.Name, name, chart) {
		if s != "" && (s == pattern || doublestar.MatchUnvalidated(pattern, s)) {
			return true
		}
	}
	return t.Kind == lockfile.Git && giturl.Same(pattern, name)
}

// canonical is a tracked name in canonical form, or s itself if it is not a name.
func canonical(s string) string {
	n, err := oci.Parse(s)
	if err != nil {
		return s
	}
	return n.Tracked()
}

// canonicalRepository is the repository that s names, if it is a name with neither
// tag nor digest, else "".
func canonicalRepository(s string) string {
	n, err := oci.Parse(s)
	if err != nil || n.Tag != "" || n.Digest != "" {
		return ""
	}
	return n.Repo()
}

// untagged is a name without its tag and digest.
func untagged(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[:i]
	}
	return name
}

// Check returns a *lockroot.InvalidError if a pattern matches nothing in any of the lock
// roots.
func (s *Selection) Check(roots []*lockroot.Root) error {
	if len(s.patterns) == 0 {
		return nil
	}
	all := trackedIn(roots)
	for _, p := range s.patterns {
		if slices.ContainsFunc(all, func(t Tracked) bool { return Matches(p, t) }) {
			continue
		}
		err := fmt.Errorf("%s: the tree tracks no such name\nto see what it tracks: plumb list", p)
		if near := similar(p, all); len(near) > 0 {
			err = fmt.Errorf("%s: the tree tracks no such name; it tracks %s",
				p, strings.Join(near, ", "))
		}
		return &lockroot.InvalidError{Err: err}
	}
	return nil
}

// trackedIn are the names that lock roots track, in their files, plumb.yaml or lock.
func trackedIn(roots []*lockroot.Root) []Tracked {
	var all []Tracked
	for _, r := range roots {
		for _, f := range r.Files {
			for _, ref := range f.References {
				if ref.Tracked != "" {
					all = append(all, Tracked{ref.Input, ref.Tracked, []string{ref.Reference}})
				}
			}
		}
		for _, i := range verify.NamedImages(r.Config) {
			all = append(all, Tracked{Name: i.Tracked})
		}
		if r.Lock == nil {
			continue
		}
		for _, e := range r.Lock.Entries {
			all = append(all, Tracked{Kind: e.Kind, Name: e.Tracked()})
		}
	}
	return all
}

// similar are up to five names that share the last part of a pattern's path.
func similar(pattern string, all []Tracked) []string {
	word := pattern[strings.LastIndexByte(pattern, '/')+1:]
	word, _, _ = strings.Cut(word, ":")
	var out []string
	for _, t := range all {
		if len(word) > 2 && strings.Contains(t.Name, word) && !slices.Contains(out, t.Name) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 5)]
}
