package admission

import (
	"fmt"
	"slices"
)

// Mode says what becomes of an object that the lock does not allow. The zero Mode
// denies it.
type Mode int

const (
	Enforce Mode = iota // it is denied
	Warn                // it is let in, and whoever sends it is warned
	Audit               // it is let in, and the audit log says so
)

var modeNames = []string{Enforce: "enforce", Warn: "warn", Audit: "audit"}

// String is the name that ParseMode takes.
func (m Mode) String() string {
	if m < 0 || int(m) >= len(modeNames) {
		return fmt.Sprintf("mode(%d)", int(m))
	}
	return modeNames[m]
}

// ParseMode reads "enforce", "warn" or "audit".
func ParseMode(name string) (Mode, error) {
	i := slices.Index(modeNames, name)
	if i < 0 {
		return Enforce, fmt.Errorf("%q is no mode: the modes are enforce, warn and audit", name)
	}
	return Mode(i), nil
}

// Rules are the cluster's own say in what is allowed. The zero Rules let nothing in
// that the lock does not allow.
type Rules struct {
	Mode Mode
	// Existing lets an update in, with a warning, that changes none of an object's
	// references.
	Existing bool
	// Exempt are namespaces in which nothing is judged.
	Exempt []string
	// BreakGlass are the users and groups who may let an object in by the label
	// BreakGlassLabel.
	BreakGlass []string
}

// BreakGlassLabel is the label that lets an object in, if its sender is among
// Rules.BreakGlass. Its value is the reason.
const BreakGlassLabel = "plumb.dev/break-glass"

// mayBreakGlass reports whether a user is among those who may.
func (r Rules) mayBreakGlass(u UserInfo) bool {
	return slices.ContainsFunc(r.BreakGlass, func(name string) bool {
		return name == u.Username || slices.Contains(u.Groups, name)
	})
}
