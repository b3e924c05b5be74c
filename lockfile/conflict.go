package lockfile

import (
	"slices"
	"strings"
)

// The marks that git leaves in a file that it could not merge.
const (
	markOurs   = "<<<<<<<"
	markBase   = "|||||||"
	markMiddle = "======="
	markTheirs = ">>>>>>>"
)

// firstMark returns the 1-based line of the first conflict mark, or 0.
func firstMark(text string) int {
	if !strings.Contains(text, "<<<<<<< ") && !strings.Contains(text, ">>>>>>> ") && !strings.Contains(text, "\n=======\n") {
		return 0
	}
	line := 1
	for rest := text; rest != ""; line++ {
		l, after, _ := strings.Cut(rest, "\n")
		if isMark(l, markOurs) || isMark(l, markTheirs) || l == markMiddle {
			return line
		}
		rest = after
	}
	return 0
}

func isMark(line, mark string) bool {
	return line == mark || strings.HasPrefix(line, mark+" ")
}

// ParseConflicted reads both sides of a lock in which git left conflict marks.
// Each side has to be a lock by itself; the base of a three-way mark is left
// out. The error is a *SyntaxError.
func ParseConflicted(file string, data []byte) (ours, theirs *Lock, err error) {
	left, right, bad := sides(string(data))
	if bad > 0 {
		return nil, nil, &SyntaxError{File: file, Line: bad, Conflicted: true,
			Msg: "a conflict mark is out of place; to begin again: git checkout -m -- " + file}
	}
	if ours, err = Parse(file, []byte(left)); err == nil {
		theirs, err = Parse(file, []byte(right))
	}
	if err != nil {
		return nil, nil, err
	}
	return ours, theirs, nil
}

// sides parts a conflicted text. bad is the line of a mark out of place, or 0.
func sides(text string) (ours, theirs string, bad int) {
	var left, right strings.Builder
	const (
		both = iota
		inOurs
		inBase
		inTheirs
	)
	state, line := both, 0
	for rest := text; rest != ""; {
		l, after, _ := strings.Cut(rest, "\n")
		whole := rest[:len(rest)-len(after)]
		rest = after
		line++
		switch {
		case isMark(l, markOurs) && state == both:
			state = inOurs
		case isMark(l, markBase) && state == inOurs:
			state = inBase
		case l == markMiddle && (state == inOurs || state == inBase):
			state = inTheirs
		case isMark(l, markTheirs) && state == inTheirs:
			state = both
		case isMark(l, markOurs), isMark(l, markBase), l == markMiddle, isMark(l, markTheirs):
			return "", "", line
		default:
			if state == both || state == inOurs {
				left.WriteString(whole)
			}
			if state == both || state == inTheirs {
				right.WriteString(whole)
			}
		}
	}
	if state != both {
		return "", "", line
	}
	return left.String(), right.String(), 0
}

// Dispute is an entry that two sides of a merge changed differently; a side
// that dropped it is nil.
type Dispute struct {
	Kind         Kind
	Name, Ref    string
	Ours, Theirs *Entry
}

// Merge joins two locks that grew from base. Where base is nil, what only
// one side has is kept. merged holds everything that is not disputed: two pins
// for one name are never both kept, and none of them is chosen.
func Merge(base, ours, theirs *Lock) (merged *Lock, disputed []Dispute) {
	merged = &Lock{}
	for _, c := range union(ours, theirs) {
		before, known := find(base, c.key)
		switch o, t := c.ours, c.theirs; {
		case same(o, t):
			merged.Entries = append(merged.Entries, *o)
		case base == nil && o == nil, known && o != nil && o.Equal(before):
			merged.add(t)
		case base == nil && t == nil, known && t != nil && t.Equal(before):
			merged.add(o)
		case !known && o == nil:
			merged.add(t)
		case !known && t == nil:
			merged.add(o)
		default:
			disputed = append(disputed, Dispute{c.key.Kind, c.key.Name, c.key.Ref, o, t})
		}
	}
	return merged, disputed
}

func (l *Lock) add(e *Entry) {
	if e != nil {
		l.Entries = append(l.Entries, *e)
	}
}

func same(a, b *Entry) bool { return a != nil && b != nil && a.Equal(*b) }

func find(l *Lock, key Entry) (Entry, bool) {
	if l == nil {
		return Entry{}, false
	}
	i, ok := slices.BinarySearchFunc(l.Entries, key, Entry.Compare)
	if !ok {
		return Entry{}, false
	}
	return l.Entries[i], true
}

// both is what the two sides of a merge say of one name.
type both struct {
	key          Entry
	ours, theirs *Entry
}

// union pairs the entries of two locks, in order.
func union(ours, theirs *Lock) []both {
	var out []both
	a, b := entries(ours), entries(theirs)
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Compare(b[0]) < 0:
			out = append(out, both{key: a[0], ours: &a[0]})
			a = a[1:]
		case len(a) == 0 || a[0].Compare(b[0]) > 0:
			out = append(out, both{key: b[0], theirs: &b[0]})
			b = b[1:]
		default:
			out = append(out, both{key: a[0], ours: &a[0], theirs: &b[0]})
			a, b = a[1:], b[1:]
		}
	}
	return out
}
