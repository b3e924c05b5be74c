package lockfile

import "iter"

// Change is one difference between two locks: an entry that was added (Old is
// nil), dropped (New is nil) or changed.
type Change struct{ Old, New *Entry }

// Diff lists what changed from one lock to another, in the lock's order. A nil
// lock is an empty one. The changes point into the locks.
func Diff(from, to *Lock) []Change {
	var out []Change
	for o, n := range pairs(from, to) {
		if !same(o, n) {
			out = append(out, Change{Old: o, New: n})
		}
	}
	return out
}

// same reports whether two entries, or their absence, say the same.
func same(a, b *Entry) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// pairs walks two sorted locks abreast. It yields the entries that each has for
// a name, nil for the lock that has none; never two nils.
func pairs(a, b *Lock) iter.Seq2[*Entry, *Entry] {
	return func(yield func(*Entry, *Entry) bool) {
		left, right := a.entries(), b.entries()
		for len(left) > 0 || len(right) > 0 {
			var x, y *Entry
			c := 0
			switch {
			case len(right) == 0:
				c = -1
			case len(left) == 0:
				c = 1
			default:
				c = left[0].key().compare(right[0].key())
			}
			if c <= 0 {
				x, left = &left[0], left[1:]
			}
			if c >= 0 {
				y, right = &right[0], right[1:]
			}
			if !yield(x, y) {
				return
			}
		}
	}
}

func (l *Lock) entries() []Entry {
	if l == nil {
		return nil
	}
	return l.Entries
}
