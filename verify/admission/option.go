package admission

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// OptionError says which option of what is installed in a cluster is invalid.
type OptionError struct {
	// Option is the name of the option, as the command line has it.
	Option string
	// Value is what it was given.
	Value string
	// Reason is the rest of the sentence "OPTION VALUE: …".
	Reason string
}

// Error names the option, its value and the reason.
func (e *OptionError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Option, e.Value, e.Reason)
}

// label matches a DNS label (RFC 1123), which namespaces and most names are.
var label = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
})

// ValidName reports whether a name is a DNS label (RFC 1123), as those of namespaces are.
func ValidName(name string) bool { return label().MatchString(name) }

// CheckMode returns an *OptionError if there is no such mode.
func CheckMode(mode Mode) error {
	if !mode.valid() {
		return &OptionError{"mode", mode.String(), "invalid mode"}
	}
	return nil
}

// CheckNamespaces returns an *OptionError if a name is not that of a namespace, or is
// given twice.
func CheckNamespaces(option string, names []string) error {
	for i, name := range names {
		if !ValidName(name) {
			return &OptionError{option, name, "invalid namespace name"}
		}
		if slices.Contains(names[:i], name) {
			return &OptionError{option, name, "given twice"}
		}
	}
	return nil
}
