package admission

import (
	"fmt"
	"slices"
)

// Mode is what happens to an object that the lock does not allow. The zero Mode denies it.
type Mode int

// The modes.
const (
	// Enforce denies the object.
	Enforce Mode = iota
	// Warn allows the object, and warns its sender.
	Warn
	// Audit allows the object, and annotates the request in the audit log.
	Audit
)

var modeNames = []string{Enforce: "enforce", Warn: "warn", Audit: "audit"}

// String is the name of the mode, as ParseMode reads it.
func (m Mode) String() string {
	if !m.valid() {
		return fmt.Sprintf("mode(%d)", int(m))
	}
	return modeNames[m]
}

// ParseMode reads "enforce", "warn" or "audit".
func ParseMode(name string) (Mode, error) {
	i := slices.Index(modeNames, name)
	if i < 0 {
		return Enforce, fmt.Errorf("invalid mode %q: want enforce, warn or audit", name)
	}
	return Mode(i), nil
}

// valid reports whether m is one of the modes.
func (m Mode) valid() bool { return m >= 0 && int(m) < len(modeNames) }

// ModeLabel is the label of a namespace that sets its mode.
const ModeLabel = "plumb.dev/mode"

// Scope is the namespaces in which one mode holds: those whose label ModeLabel fulfils
// the requirement Operator and Values of a selector.
type Scope struct {
	// Mode is the mode.
	Mode Mode
	// Default is the scope of the namespaces whose label names no mode.
	Default bool
	// Operator is "In" or "NotIn".
	Operator string
	// Values are names of modes.
	Values []string
}

// Scopes divides all namespaces by mode. mode is that of the Default scope, the first.
func Scopes(mode Mode) []Scope {
	out := []Scope{{Mode: mode, Default: true, Operator: "NotIn", Values: modeNames}}
	for m, name := range modeNames {
		out = append(out, Scope{Mode: Mode(m), Operator: "In", Values: []string{name}})
	}
	return out
}
