package lockfile

import (
	"cmp"
	"slices"
	"strings"
)

// Compare orders entries as a lock lists them: by kind, tracked name and ref.
func (e Entry) Compare(o Entry) int {
	return cmp.Or(cmp.Compare(e.Kind, o.Kind), cmp.Compare(e.Name, o.Name), cmp.Compare(e.Ref, o.Ref))
}

// Equal reports whether e and o say the same.
func (e Entry) Equal(o Entry) bool {
	return e.Compare(o) == 0 && e.Digest == o.Digest && e.Commit == o.Commit && e.MediaType == o.MediaType &&
		slices.Equal(e.Platforms, o.Platforms) && slices.Equal(e.Verified, o.Verified)
}

// Pin is the content that the entry resolved to: a digest, for git a commit.
func (e Entry) Pin() string {
	if e.Kind == Git {
		return e.Commit
	}
	return e.Digest
}

// Sort puts the entries in the lock's order, and each entry's platforms in theirs.
func (l *Lock) Sort() {
	slices.SortFunc(l.Entries, Entry.Compare)
	for _, e := range l.Entries {
		slices.SortFunc(e.Platforms, func(a, b Platform) int {
			return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Manifest, b.Manifest))
		})
	}
}

// Find returns the entry of an image, artifact or chart.
func (l *Lock) Find(kind Kind, name string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(l.Entries, Entry{Kind: kind, Name: name}, Entry.Compare)
	if !ok {
		return Entry{}, false
	}
	return l.Entries[i], true
}

// ByDigest returns the entries that are pinned to digest, in the lock's order.
func (l *Lock) ByDigest(digest string) []Entry {
	var out []Entry
	for _, e := range l.Entries {
		if e.Digest == digest {
			out = append(out, e)
		}
	}
	return out
}

const digestPrefix = "sha256:"

// ValidDigest reports whether s is a digest that a lock can hold: "sha256:" and
// 64 hex digits in lower case (OCI image-spec, "Digests").
func ValidDigest(s string) bool {
	return len(s) == len(digestPrefix)+64 && strings.HasPrefix(s, digestPrefix) && isHex(s[len(digestPrefix):])
}

// hexDigits has a true for each lower-case hex digit.
var hexDigits = func() (t [256]bool) {
	for _, c := range []byte("0123456789abcdef") {
		t[c] = true
	}
	return t
}()

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if !hexDigits[s[i]] {
			return false
		}
	}
	return s != ""
}

// Change is one difference between two locks: an entry that was added (Old is
// nil), dropped (New is nil) or changed.
type Change struct{ Old, New *Entry }

// Diff lists what changed from one lock to another, in the lock's order. A nil
// lock is an empty one.
func Diff(from, to *Lock) []Change {
	var out []Change
	a, b := entries(from), entries(to)
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Compare(b[0]) < 0:
			out = append(out, Change{Old: &a[0]})
			a = a[1:]
		case len(a) == 0 || a[0].Compare(b[0]) > 0:
			out = append(out, Change{New: &b[0]})
			b = b[1:]
		default:
			if !a[0].Equal(b[0]) {
				out = append(out, Change{Old: &a[0], New: &b[0]})
			}
			a, b = a[1:], b[1:]
		}
	}
	return out
}

func entries(l *Lock) []Entry {
	if l == nil {
		return nil
	}
	return l.Entries
}
