package lockfile

// Dispute is an entry that two sides of a merge changed differently. A side that
// dropped the entry, or never had it, is nil.
type Dispute struct {
	Kind         Kind   // of the entry, as are Name and Follows
	Name         string // see Entry
	Follows      string // see Entry.Follows
	Ours, Theirs *Entry // what each side has
}

// Merge joins two locks that grew from base, entry by entry: what one side
// changed and the other left alone is taken from the side that changed it. merged
// holds all that is not disputed, disputed the rest, both in the lock's order;
// two pins for one name are never both kept, and none of them is chosen.
//
// Where base is not known, pass nil: an empty lock. Then what only one side has
// is kept, be it that the other dropped it.
//
// The results point into the locks that were given, and share their slices.
func Merge(base, ours, theirs *Lock) (merged *Lock, disputed []Dispute) {
	merged = &Lock{}
	for o, t := range pairs(ours, theirs) {
		k := either(o, t).key()
		b := base.find(k)
		switch {
		case same(o, t) || same(b, t):
			merged.add(o)
		case same(b, o):
			merged.add(t)
		default:
			disputed = append(disputed, Dispute{Kind: k.kind, Name: k.name, Follows: k.follows,
				Ours: o, Theirs: t})
		}
	}
	return merged, disputed
}

// add appends e, unless it was dropped.
func (l *Lock) add(e *Entry) {
	if e != nil {
		l.Entries = append(l.Entries, *e)
	}
}

func either(a, b *Entry) *Entry {
	if a != nil {
		return a
	}
	return b
}
