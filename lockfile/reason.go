package lockfile

import "github.com/plumb-dev/plumb/lockfile/oci"

// Reason says why an entry of a lock changes.
type Reason string

// The reasons for changes. People should look at the first seven, in about this order.
const (
	Moved      Reason = "moved"            // name unchanged, content moved
	StaleTag   Reason = "stale tag"        // tag edited by hand, digest left behind
	TagMoved   Reason = "tag moved"        // to the newest tag in the range of plumb.yaml
	TagEdited  Reason = "tag edited"       // replaced by another tag of the repository, by hand
	KeptPin    Reason = "kept pin"         // the manifests had another digest than the lock
	MergedPins Reason = "merged pins"      // a merge conflict, settled by the manifests' digest
	Added      Reason = "added"            // the lock did not have the name
	Completed  Reason = "completed"        // platforms were added
	Proven     Reason = "evidence changed" // of who signed it; the pin is unchanged
	Dropped    Reason = "dropped"          // nothing refers to it any more
)

// Reasons returns all reasons, in the order in which reports list them: first those of
// changes that no commit made.
func Reasons() []Reason {
	return []Reason{Moved, StaleTag, TagMoved, TagEdited, KeptPin,
		MergedPins, Added, Completed, Proven, Dropped}
}

// Move is a change of an entry with its reason.
type Move struct {
	Kind   Kind
	Name   string
	Old    string // pin, "" if there was none
	New    string // pin, "" if there is none
	Reason Reason
	From   string // for TagMoved, TagEdited and StaleTag: the name that it replaces
	// OldLabel and NewLabel are what the pins are called, as versions of a chart; "" where
	// the name says it.
	OldLabel, NewLabel string
	// Commits is how many commits a git source has moved by; 0 where that is not known.
	Commits int
}

// moveOf is the change from one entry to another, of which one may be nil.
func moveOf(from, to *Entry, reason Reason) Move {
	m := Move{Reason: reason}
	if from != nil {
		m.Kind, m.Name, m.Old, m.OldLabel = from.Kind, from.Tracked(), from.Pin(), from.Label()
	}
	if to != nil {
		m.Kind, m.Name, m.New, m.NewLabel = to.Kind, to.Tracked(), to.Pin(), to.Label()
	}
	return m
}

// Moves compares two locks as Diff does, and gives each change its reason. A new name
// replaces another one of its repository if that is the only one that is gone.
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
	replaced := func(e *Entry) bool {
		return len(gone[repository(e)]) == 1 && added[repository(e)] == 1
	}
	var out []Move
	for _, c := range diff {
		switch {
		case c.New == nil && replaced(c.Old): // part of its successor's change
		case c.New == nil:
			out = append(out, moveOf(c.Old, nil, Dropped))
		case c.Old == nil:
			m := moveOf(nil, c.New, Added)
			if replaced(c.New) {
				old := gone[repository(c.New)][0]
				m.From, m.Old, m.OldLabel, m.Reason = old.Tracked(), old.Pin(), old.Label(), TagEdited
				if m.Old == m.New {
					m.Reason = StaleTag
				}
			}
			out = append(out, m)
		default:
			out = append(out, moveOf(c.Old, c.New, c.reason()))
		}
	}
	return out
}

// reason is why an entry changed that both locks have.
func (c Change) reason() Reason {
	switch {
	case c.Old.Label() != c.New.Label():
		return TagMoved
	case c.Old.Pin() != c.New.Pin():
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
	if e.Kind.IsSource() {
		return string(e.Kind) + " " + e.Name
	}
	if n, err := oci.Parse(e.Name); err == nil {
		return string(e.Kind) + " " + n.Repo()
	}
	return string(e.Kind) + " " + e.Name
}
