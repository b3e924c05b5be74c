package admission

import "slices"

// Rules are what the cluster allows besides what the lock does. The zero Rules allow nothing
// more.
type Rules struct {
	// Mode is what happens to an object that the lock does not allow.
	Mode Mode
	// Existing allows an update, with a warning, that changes none of an object's
	// references.
	Existing bool
	// Exempt are namespaces in which every object is allowed.
	Exempt []string
	// BreakGlass are the users and groups that may use BreakGlassLabel.
	BreakGlass []string
}

// BreakGlassLabel is the label that allows an object whose sender is in Rules.BreakGlass.
// Its value is the reason.
const BreakGlassLabel = "plumb.dev/break-glass"

// mayBreakGlass reports whether a user may use BreakGlassLabel.
func (r Rules) mayBreakGlass(u UserInfo) bool {
	return slices.ContainsFunc(r.BreakGlass, func(name string) bool {
		return name == u.Username || slices.Contains(u.Groups, name)
	})
}
