package manifest

import (
	"cmp"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/gotemplate"
)

// filledSource is the source that a placeholder of the given kind stands for, once it is
// filled in and reads "URL@FOLLOWS", "URL#CHART@VERSION" or "URL"; nil where that is none.
func filledSource(input lockfile.Kind, text string) *Source {
	s := &Source{Listed: true, Holder: ByPlumbAlone}
	place := text
	if i := strings.LastIndexByte(text, '@'); i >= 0 && input != lockfile.URL {
		place, s.Follows = text[:i], text[i+1:]
	}
	switch s.Fetch = place; input {
	case lockfile.Git:
		s.URL, _ = giturl.Canonical(place)
		s.Form = gitForm(s.Follows)
	case lockfile.Chart:
		repository, name, _ := strings.Cut(place, "#")
		if repository != "" && !strings.Contains(repository, "://") {
			repository = "oci://" + repository
		}
		s.locateChart(repository, name)
		switch {
		case exactVersion(s.Follows):
			s.Form = Version
		case s.Follows == "" || isRange(s.Follows):
			s.Form = VersionRange
		}
	case lockfile.URL:
		s.URL, s.Form = text, OneFile
	default:
		return nil
	}
	switch s.Form {
	case Commit:
		s.Pin, s.Holder = s.Follows, ByConsumer
	case Version:
		s.Pin = s.Follows
	}
	if s.URL == "" {
		return nil
	}
	return s
}

// mentionsSources reports whether what a template yields may name a source: it has a field
// or a kind of those that do.
func mentionsSources(src string) bool {
	for _, word := range [...]string{"repoURL", "resolver", "HelmChart", "HelmRelease",
		"Repository", "GitRepo"} {
		if strings.Contains(src, word) {
			return true
		}
	}
	return false
}

// addSource adds a source that a chart's template yields, which no byte of the template or
// of the values stands for alone.
func (r *filler) addSource(at gotemplate.Origin, ref Reference) {
	s := *ref.Source
	s.edits = nil
	ref.Source = &s
	ref.uneditable(cmp.Or(ref.ownWhy(), "a chart's template puts it together; write it out"))
	r.add(at, ref)
}
