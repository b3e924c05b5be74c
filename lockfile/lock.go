package lockfile

import "slices"

// Lock is the set of entries of one lock root, sorted by Kind, Name and what
// it follows, no two of which share all three.
type Lock struct {
	Entries []Entry
}

// Sort puts the entries in the lock's order, and in each entry the platforms
// and statements in theirs.
func (l *Lock) Sort() {
	slices.SortFunc(l.Entries, Entry.Compare)
	for _, e := range l.Entries {
		slices.SortFunc(e.Platforms, comparePlatforms)
		slices.SortFunc(e.Verified, Verified.Compare)
	}
}

// Find returns the entry of an image, an artifact or a URL.
func (l *Lock) Find(kind Kind, name string) (Entry, bool) {
	if e := l.find(key{kind: kind, name: name}); e != nil {
		return *e, true
	}
	return Entry{}, false
}

// FindFollowing returns the entry of a git source or a chart that follows a range, a ref
// or a version.
func (l *Lock) FindFollowing(kind Kind, name, follows string) (Entry, bool) {
	if e := l.find(key{kind, name, follows}); e != nil {
		return *e, true
	}
	return Entry{}, false
}

// find returns the entry for k, or nil; a nil lock has none.
func (l *Lock) find(k key) *Entry {
	if l == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(l.Entries, k,
		func(e Entry, k key) int { return e.key().compare(k) })
	if !ok {
		return nil
	}
	return &l.Entries[i]
}

// ByDigest returns the entries by the digest that they are pinned to, each list
// in the lock's order.
func (l *Lock) ByDigest() map[string][]Entry {
	out := make(map[string][]Entry, len(l.Entries))
	for _, e := range l.Entries {
		if e.Digest != "" {
			out[e.Digest] = append(out[e.Digest], e)
		}
	}
	return out
}
