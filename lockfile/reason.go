package lockfile

import "github.com/plumb-dev/plumb/lockfile/oci"

// Reason says why an entry of a lock changes.
type Reason string

// The reasons for changes. The first seven need a person's eye in about this order.
const (
	Moved      Reason = "moved"            // tag unchanged, digest moved
	StaleTag   Reason = "stale tag"        // the tag was edited by hand and the old digest left behind it
	TagMoved   Reason = "tag moved"        // to the newest tag in the range that plumb.yaml gives
	TagEdited  Reason = "tag edited"       // another tag of the repository took its place, by hand
	KeptPin    Reason = "kept pin"         // the manifests carried another digest than the lock
	MergedPins Reason = "merged pins"      // a merge conflict, settled by what the manifests carry
	Added      Reason = "added"            // a name the lock did not have
	Completed  Reason = "completed"        // platforms were added to what was known
	Proven     Reason = "evidence changed" // of who signed it; the pin is as it was
	Dropped    Reason = "dropped"          // nothing refers to it any more
)

// Reasons are all reasons, in the order in which reports have them: what came about
// without a commit that says so first.
func Reasons() []Reason {
	return []Reason{Moved, StaleTag, TagMoved, TagEdited, KeptPin, MergedPins, Added, Completed, Proven, Dropped}
}

// Move is a change of an entry with its reason.
type Move struct {
	Kind   Kind
	Name   string
	Old    string // pin, "" if there was none
	New    string // pin, "" if there is none
	Reason Reason
	From   string // for TagMoved, TagEdited and StaleTag: the name it took the place of
}

// Moves compares two locks as Diff does. A name that is new where exactly one other of
// its repository is gone took that one's place.
func Moves(from, to *Lock) []Move {
	diff := Diff(from, to)
	gone, added := map[string][]*Entry{}, map[string]int{}
	for _, c := range diff {
		switch {
		case c.New == nil:
			gone[repository(c.Old)] = append(gone[repository(c.Old)], c.Old)
		case c.Old == nil:
			added[repository(c.New)]++
		}
	}
	// replaced reports whether an entry has exactly one predecessor or successor.
	replaced := func(e *Entry) bool { return len(gone[repository(e)]) == 1 && added[repository(e)] == 1 }
	var out []Move
	for _, c := range diff {
		switch {
		case c.New == nil && replaced(c.Old): // part of its successor's change
		case c.New == nil:
			out = append(out, Move{Kind: c.Old.Kind, Name: c.Old.Name, Old: c.Old.Pin(), Reason: Dropped})
		case c.Old == nil:
			m := Move{Kind: c.New.Kind, Name: c.New.Name, New: c.New.Pin(), Reason: Added}
			if replaced(c.New) {
				old := gone[repository(c.New)][0]
				m.From, m.Old, m.Reason = old.Name, old.Pin(), TagEdited
				if m.Old == m.New {
					m.Reason = StaleTag
				}
			}
			out = append(out, m)
		default:
			out = append(out, Move{Kind: c.New.Kind, Name: c.New.Name, Old: c.Old.Pin(), New: c.New.Pin(), Reason: c.reason()})
		}
	}
	return out
}

// reason says what changed in an entry that both locks have.
func (c Change) reason() Reason {
	if c.Old.Pin() != c.New.Pin() {
		return Moved
	}
	facts := *c.New
	facts.Verified = c.Old.Verified
	if facts.Equal(*c.Old) {
		return Proven
	}
	return Completed
}

// repository is the kind and repository of an entry.
func repository(e *Entry) string {
	if n, err := oci.Parse(e.Name); err == nil {
		return string(e.Kind) + " " + n.Repo()
	}
	return string(e.Kind) + " " + e.Name
}
