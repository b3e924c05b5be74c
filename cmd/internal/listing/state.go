package listing

import (
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// state says whether a reference is pinned. A later one needs more attention.
type state int

const (
	inherited  state = iota // nothing to pin: what it is applied to has the digest
	own                     // the tree's own repository, which is neither pinned nor locked
	repository              // a chart repository: what is taken from it is another reference
	pinned                  // has a digest or a commit, or lies in the tree
	locked                  // has none, and plumb.lock has its hash, which only plumb compares
	unpinned                // has none; plumb lock can pin it
	uneditable              // has none, and plumb cannot pin it in place
	states                  // how many there are
)

// state is that of r.
func (r *Reference) state() state {
	switch {
	case r.Self:
		return own
	case r.repository:
		return repository
	case r.EnforcedBy == string(manifest.ByPlumbAlone):
		return locked
	case r.Pinned:
		return pinned
	case r.inherits:
		return inherited
	case r.Editable:
		return unpinned
	default:
		return uneditable
	}
}

// String is what people read.
func (s state) String() string {
	return [states]string{"inherited", "own", "repository", "pinned", "locked", "not pinned",
		"not editable"}[s]
}

// style is how a terminal shows it.
func (s state) style() cli.Style {
	return [states]cli.Style{cli.Dim, cli.Dim, cli.Dim, cli.Green, cli.Green, cli.Yellow, cli.Red}[s]
}

// totals are numbers of references by state.
type totals [states]int

func count(refs []Reference) totals {
	var t totals
	for i := range refs {
		t[refs[i].state()]++
	}
	return t
}

func (t totals) sum() int {
	n := 0
	for _, c := range t {
		n += c
	}
	return n
}

// String lists the states that there are: "3 references: 2 pinned, 1 not pinned".
func (t totals) String() string {
	text := cli.Count(t.sum(), "reference", "references")
	var parts []string
	for _, s := range [states]state{pinned, locked, unpinned, uneditable, own, repository, inherited} {
		if t[s] > 0 {
			parts = append(parts, strconv.Itoa(t[s])+" "+s.String())
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// worst is the state that needs attention most, of those that there are.
func (t totals) worst() state {
	for s := states - 1; s > 0; s-- {
		if t[s] > 0 {
			return s
		}
	}
	return inherited
}

// short is the state of several references: "pinned", or "1 of 3 not pinned".
func (t totals) short() string {
	s, sum := t.worst(), t.sum()
	if t[s] == sum {
		return s.String()
	}
	return strconv.Itoa(t[s]) + " of " + strconv.Itoa(sum) + " " + s.String()
}
