// Package verify judges a tree by its lock: whether everything the tree names
// is pinned, locked and as the lock says. It decides on values alone; it opens
// no file and no socket, and knows no clock.
package verify

import (
	"cmp"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
)

// Severity says whether a finding fails a tree.
type Severity string

// The severities.
const (
	Error  Severity = "error"  // fails the tree
	Remark Severity = "remark" // never changes the exit status
)

// Finding is one thing that is wrong, or remarkable, at one place.
type Finding struct {
	Rule     string   `json:"rule"` // its name
	Severity Severity `json:"severity"`
	File     string   `json:"file"`   // slash-separated
	Line     int      `json:"line"`   // 1-based
	Column   int      `json:"column"` // 1-based, in bytes
	// Kind, Namespace and Name are those of the object; "" outside of objects.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Field     string `json:"field"`     // path of the field in the object
	Reference string `json:"reference"` // as the file has it
	Message   string `json:"message"`
	Fix       string `json:"fix"` // a command or an instruction; "" if there is none
	// FixAll is how to fix all findings of the rule at once, where Fix is for the file
	// alone; else "".
	FixAll string `json:"-"`
	// NotRequired is the kind of input that the finding is about, where it is a remark
	// because plumb.yaml does not require that kind; else "".
	NotRequired lockfile.Kind `json:"-"`
}

// Compare orders findings by place, then rule.
func (f Finding) Compare(o Finding) int {
	return cmp.Or(cmp.Compare(f.File, o.File), cmp.Compare(f.Line, o.Line),
		cmp.Compare(f.Column, o.Column), cmp.Compare(f.Rule, o.Rule),
		cmp.Compare(f.Reference, o.Reference), cmp.Compare(f.Message, o.Message))
}

// Sort puts findings in order and drops those that say the same twice.
func Sort(findings []Finding) []Finding {
	slices.SortFunc(findings, Finding.Compare)
	return slices.CompactFunc(findings, func(a, b Finding) bool { return a == b })
}

// Failed reports whether any finding is an error.
func Failed(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}
