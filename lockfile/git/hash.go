package git

import (
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Hash is the id of an object.
type Hash = plumbing.Hash

// ParseHash reads a full id in lower-case hex digits.
func ParseHash(s string) (Hash, bool) {
	h := plumbing.NewHash(s)
	return h, len(s) == 40 && h.String() == s && !h.IsZero()
}

// ObjectFormatError is the error for a repository whose object ids are not SHA-1.
type ObjectFormatError struct {
	// Format is what the repository calls it, "sha256".
	Format string
}

// Error says what is supported instead.
func (e *ObjectFormatError) Error() string {
	return fmt.Sprintf("the repository's object format %.20q is not supported, only sha1: "+
		"serve the lock from a sha1 repository, a folder or a ConfigMap", e.Format)
}

// isSHA1 reports whether an object format, as git's configuration and servers write it, is
// the default one.
func isSHA1(format string) bool { return format == "" || strings.EqualFold(format, "sha1") }
