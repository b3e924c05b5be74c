package version

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Range is a range of versions, such as "~1.27" or ">=2.1 <4". The zero Range
// holds nothing.
type Range struct {
	text        string
	constraints *semver.Constraints
}

// ParseRange reads a range as github.com/Masterminds/semver/v3 has it, which is
// what Helm and Flux take too. Pre-releases are in it only if it names one, as
// "~1.27.0-0" does.
func ParseRange(s string) (Range, error) {
	if strings.TrimSpace(s) == "" {
		return Range{}, fmt.Errorf("the range is empty: write one as in ~1.27 or >=2.1 <4")
	}
	c, err := semver.NewConstraint(s)
	if err != nil {
		return Range{}, fmt.Errorf("invalid range %q: write one as in ~1.27 or >=2.1 <4", s)
	}
	return Range{s, c}, nil
}

// String is the range as it was written.
func (r Range) String() string { return r.text }

// IsZero reports whether r is the zero Range.
func (r Range) IsZero() bool { return r.constraints == nil }

// Contains reports whether a tag's version is in the range, whatever its variant.
func (r Range) Contains(t Tag) bool {
	return r.constraints != nil && t.version != nil && r.constraints.Check(t.version)
}

// NotComparableError says that a tag is no version that a range could follow.
type NotComparableError struct{ Tag, Range string }

// Error quotes the tag and the range.
func (e *NotComparableError) Error() string {
	return fmt.Sprintf("cannot follow the range %s: the tag %q is not a version", e.Range, e.Tag)
}

// NoneError says that no tag is in the range, and what there is instead.
type NoneError struct {
	Range  string
	Like   string // the tag whose prefix and variant were looked for
	Tags   int    // that the repository has
	Alike  int    // of those, with the same prefix and variant
	Newest string // of these, or ""
}

// Error says what was found.
func (e *NoneError) Error() string {
	found := fmt.Sprintf("%d tags, %d of them like %s", e.Tags, e.Alike, e.Like)
	if e.Tags == 1 {
		found = strings.Replace(found, "tags", "tag", 1)
	}
	if e.Newest != "" {
		found += ", the newest " + e.Newest
	}
	return "has no tag in the range " + e.Range + " (" + found + ")"
}

// StaysError says that a tag stays where it is although its repository has gone on.
type StaysError struct {
	Range string
	Newer string // a tag in the range that cannot be compared
}

// Error names the newer tag.
func (e *StaysError) Error() string {
	return fmt.Sprintf("does not move in the range %s: the newer tag %s has another prefix or variant",
		e.Range, e.Newer)
}

// Stays returns a *StaysError if a tag that is the newest of its prefix and variant looks
// left behind: the range has a newer version, and it is of the same variant but for the
// numbers in it ("alpine3.20", "alpine3.21") or for the prefix, or no other tag at all has
// the prefix and variant of this one. It is nil otherwise, also where Newest is to say
// what is wrong.
func (r Range) Stays(present string, tags []string) error {
	now, ok := Parse(present)
	if newest, err := r.Newest(present, tags); !ok || err != nil || newest != present {
		return nil
	}
	alone := true
	var like, other *Tag // the newest that is like it, and of all
	for _, text := range tags {
		t, ok := Parse(text)
		switch {
		case !ok:
		case t.form.comparable(now.form):
			alone = alone && text == present
		case t.form.stamp != now.form.stamp || !r.Contains(t) || t.version.Compare(now.version) <= 0:
		default:
			if t.form.shape() == now.form.shape() && (like == nil || like.before(t, now)) {
				like = &t
			}
			if other == nil || other.before(t, now) {
				other = &t
			}
		}
	}
	switch {
	case like != nil:
		return &StaysError{r.text, like.text}
	case alone && other != nil:
		return &StaysError{r.text, other.text}
	}
	return nil
}

// Newest returns the tag in the range, among those of a repository, that one
// which is followed now is to become: the newest of its prefix and variant. Of
// equal ones it is the one of the same form ("1.27" or "1.27.0"). A tag in the
// range stays where there is none newer. The error is a *NotComparableError or
// a *NoneError.
func (r Range) Newest(present string, tags []string) (string, error) {
	now, ok := Parse(present)
	if !ok {
		return "", &NotComparableError{present, r.text}
	}
	none := NoneError{Range: r.text, Like: present, Tags: len(tags)}
	var best, newest *Tag
	for _, text := range tags {
		t, ok := Parse(text)
		if !ok || !t.form.comparable(now.form) {
			continue
		}
		none.Alike++
		if newest == nil || newest.before(t, now) {
			newest = &t
		}
		if r.Contains(t) && (best == nil || best.before(t, now)) {
			best = &t
		}
	}
	switch {
	case r.Contains(now) && (best == nil || best.compare(now) <= 0):
		return present, nil
	case best == nil:
		if newest != nil {
			none.Newest = newest.text
		}
		return "", &none
	}
	return best.text, nil
}

// compare orders versions and, of equal ones, revisions.
func (t Tag) compare(o Tag) int {
	return cmp.Or(t.version.Compare(o.version), cmp.Compare(t.revision, o.revision))
}

// before reports whether o is to be preferred to t by someone who follows now.
func (t Tag) before(o, now Tag) bool {
	if c := t.compare(o); c != 0 {
		return c < 0
	}
	if same := t.form.numbers == now.form.numbers; same != (o.form.numbers == now.form.numbers) {
		return !same
	}
	if t.form.numbers != o.form.numbers {
		return t.form.numbers < o.form.numbers // the more exact one
	}
	return t.text > o.text // whatever the order of the list, the same one
}
