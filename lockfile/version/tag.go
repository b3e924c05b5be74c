// Package version finds the newest tag in a range of versions. It reads tags the
// way people write versions into them, and knows neither registry nor file.
//
// A tag is read as
//
//	[v]MAJOR[.MINOR[.PATCH]][-prerelease][-variant][-revision][+build]
//
// where the dashed words may come in any order. The words alpha, beta, rc, cr,
// pre, preview, snapshot, nightly and canary, alone or with a number ("rc1",
// "beta.2"), and dev, m, milestone and ea with a number make a pre-release; so do
// a, b and rc with a number behind the version itself ("3.14.0b2"). All other
// words are the variant ("alpine3.20", "debian-12", "slim"): another build of
// the same version, that no one wants to be given in its place. Since a tag
// holds no "+", "_" begins a build as well, which counts as part of the variant. A last
// word that counts the builds of a version ("r12" of Bitnami, "ls45" of LinuxServer.io,
// "k3s1", "eksbuild.3") is a revision: of equal versions the one with the higher revision
// is newer.
//
// Only tags with the same prefix and the same variant are compared. A tag that
// is one long number is a date or counts builds, and is compared with such only.
// Anything else, "latest" above all, is not comparable.
package version

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"
)

// Tag is a tag that was read as a version.
type Tag struct {
	text     string
	version  *semver.Version
	revision uint64
	form     form
}

// form is what two tags must have in common to be compared, and how many
// numbers the version has, which decides between tags that are equal.
type form struct {
	prefix  string // "v" or ""
	variant string // "alpine-slim", "debian-12-r#" where it ends in a revision
	stamp   bool   // one long number
	numbers int    // 1 to 3
}

// comparable reports whether tags of both forms may replace one another.
func (f form) comparable(o form) bool {
	return f.prefix == o.prefix && f.variant == o.variant && f.stamp == o.stamp
}

// digits are the numbers in a variant.
var digits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+(?:\.\d+)*`) })

// shape is the variant without its numbers.
func (f form) shape() string { return digits().ReplaceAllString(f.variant, "#") }

// core is the version's numbers, and a pre-release that stands right behind
// them as Python and PHP write it.
var core = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`^(v?)(\d{1,18})(?:\.(\d{1,18}))?(?:\.(\d{1,18}))?` +
			`((?i:a|b|rc|alpha|beta)\d{1,9})?([-_+].*)?$`)
})

// longNumber is the number of digits from which a lone number is no version.
const longNumber = 5

// Parse reads a tag. ok is false for one that is no version.
func Parse(tag string) (t Tag, ok bool) {
	m := core().FindStringSubmatch(tag)
	if m == nil {
		return Tag{}, false
	}
	t = Tag{text: tag, form: form{prefix: m[1]}}
	var numbers [3]uint64
	for i, digits := range m[2:5] {
		if digits == "" {
			break
		}
		n, err := strconv.ParseUint(digits, 10, 64)
		if err != nil {
			return Tag{}, false
		}
		numbers[i] = n
		t.form.numbers++
	}
	t.form.stamp = t.form.numbers == 1 && len(m[2]) >= longNumber
	dashed, build := cutBuild(m[6])
	pre, variant := words(dashed)
	if m[5] != "" {
		pre = append([]string{numbered(m[5])}, pre...)
	}
	if n := len(variant); n > 0 && build == "" {
		variant[n-1], t.revision = cutRevision(variant[n-1])
	}
	t.form.variant = strings.Join(variant, "-") + build
	t.version = semver.New(numbers[0], numbers[1], numbers[2], strings.Join(pre, "."), "")
	return t, true
}

// String is the tag as it was given to Parse.
func (t Tag) String() string { return t.text }

// cutBuild parts "-rc1-alpine_2" before its build.
func cutBuild(s string) (dashed, build string) {
	if i := strings.IndexAny(s, "_+"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// preRelease is a word that makes a version a pre-release.
var preRelease = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`^(?i:(?:alpha|beta|rc|cr|pre|preview|snapshot|nightly|canary)(?:\.?\d+(?:\.\d+)*)?|` +
			`(?:dev|m|milestone|ea)\.?\d+(?:\.\d+)*)$`)
})

// revision is a word that counts the builds of a version. The number of an operating
// system or a language ("alpine3.20", "jdk21") is no such count.
var revision = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((?i:r|rev|build|ls|eksbuild|gke|k3s|rke2r)\.?)(\d{1,9})$`)
})

// cutRevision replaces the number of a revision by "#". Other words stay.
func cutRevision(word string) (form string, n uint64) {
	m := revision().FindStringSubmatch(word)
	if m == nil {
		return word, 0
	}
	n, _ = strconv.ParseUint(m[2], 10, 64) // nine digits
	return m[1] + "#", n
}

// number is a word that belongs to the word of a pre-release before it.
var number = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d+(?:\.\d+)*$`)
})

// words sorts "-rc-1-alpine" into the words of the pre-release and of the variant.
func words(dashed string) (pre, variant []string) {
	if dashed == "" {
		return nil, nil
	}
	open := false // the last word was that of a pre-release without a number
	for _, w := range strings.Split(strings.TrimPrefix(dashed, "-"), "-") {
		switch {
		case preRelease().MatchString(w):
			pre = append(pre, numbered(w))
			open = !strings.ContainsAny(w, "0123456789")
			continue
		case open && number().MatchString(w):
			pre = append(pre, plain(w))
		default:
			variant = append(variant, w)
		}
		open = false
	}
	return pre, variant
}

// numbered writes "RC10" as "rc.10", so that it comes after "rc.9".
func numbered(word string) string {
	word = strings.ToLower(word)
	i := strings.IndexAny(word, "0123456789")
	if i < 0 {
		return word
	}
	return strings.TrimSuffix(word[:i], ".") + "." + plain(word[i:])
}

// plain drops the zeros before numbers ("01.2"), which semver does not have.
func plain(numbers string) string {
	parts := strings.Split(numbers, ".")
	for i, p := range parts {
		if parts[i] = strings.TrimLeft(p, "0"); parts[i] == "" {
			parts[i] = "0"
		}
	}
	return strings.Join(parts, ".")
}
