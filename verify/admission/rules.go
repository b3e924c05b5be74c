package admission

import "slices"

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
