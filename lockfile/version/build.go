package version

import (
	"regexp"
	"strings"
	"sync"
)

// oneBuild has the last part of tags that are given to one build: a revision, a commit, a
// day or a time.
var oneBuild = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[-_.])(?:` +
		`20\d\d-?[01]\d-?[0-3]\d(?:[-_.tT]?\d\d[-:.]?\d\d(?:[-:.]?\d\d)?[zZ]?|\.\d{1,3})?|` +
		`(?:sha-?|git-?|g)?([0-9a-f]{7,40}))$`)
})

// OneBuild reports whether a tag looks as if it were given to one build and then never
// moved: it ends in a revision ("16.3.0-debian-12-r5"), a commit ("main-1f3c9ab"), a day
// or a time ("RELEASE.2024-01-31T20-20-33Z"). Tags such as "1.27.3" are built anew and
// move.
func OneBuild(tag string) bool {
	words := strings.Split(tag, "-")
	if _, version := Parse(tag); version && len(words) > 1 && revision().MatchString(words[len(words)-1]) {
		return true
	}
	m := oneBuild().FindStringSubmatch(tag)
	switch {
	case m == nil:
		return false
	case m[1] == "" || len(m[1]) == 40:
		return true
	}
	// A word ("defaced") or a number is no commit.
	return strings.ContainsAny(m[1], "0123456789") && strings.ContainsAny(m[1], "abcdef")
}
