package manifest

// maxReused is how many elements of a finder's are kept for the next file. Few files have
// more.
const maxReused = 256

// newFinder returns what searches the file at name. It is the finder of the scan before,
// which is over, with its room: a tree has ten thousands of files, and most hold little.
func (s *Scanner) newFinder(name string) *finder {
	f := &s.finder
	old := *f
	*f = finder{scanner: s, path: name}
	f.steps = emptied(old.steps)
	f.found = emptied(old.found)
	f.remarks = emptied(old.remarks)
	f.uses = emptied(old.uses)
	if len(old.claimed) <= maxReused {
		clear(old.claimed)
		f.claimed = old.claimed
	}
	return f
}

// emptied returns s without its elements, whose text may be that of a file that is not
// wanted any more.
func emptied[T any](s []T) []T {
	if cap(s) > maxReused {
		return nil
	}
	clear(s)
	return s[:0]
}
