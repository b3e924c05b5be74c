package git

import "github.com/go-git/go-git/v5/plumbing"

// Hash is the id of an object.
type Hash = plumbing.Hash

// ParseHash reads a full id in lower-case hex digits.
func ParseHash(s string) (Hash, bool) {
	h := plumbing.NewHash(s)
	return h, len(s) == 40 && h.String() == s && !h.IsZero()
}
