package oci

import (
	"fmt"
	"strings"

	_ "crypto/sha256" // reference knows the digest algorithms that are linked in
	_ "crypto/sha512"

	"github.com/distribution/reference"
)

// NameError says why a text is no OCI reference.
type NameError struct {
	Ref    string // as it was given
	Reason string // lower case, without the reference
}

// Error quotes the reference and gives the reason.
func (e *NameError) Error() string {
	return fmt.Sprintf("invalid image name %q: %s", e.Ref, e.Reason)
}

// maxLength is more than host (253 bytes), port, repository (255), tag (128) and digest
// (135) can have together. Longer texts are not worth the time to parse them.
const maxLength = 1024

// Parse reads a reference the way container runtimes do (distribution/reference,
// which containerd and kubelet use) and returns its canonical form. The error
// is a *NameError.
//
// A name may carry a sha256 or a sha512 digest. plumb pins by sha256 only, which
// lockfile.ValidDigest tells apart.
func Parse(s string) (Name, error) {
	if len(s) > maxLength {
		return Name{}, &NameError{Ref: s,
			Reason: fmt.Sprintf("it has %d bytes, and no name more than %d", len(s), maxLength)}
	}
	n, ok := ordinary(s)
	if !ok {
		var reason string
		if n, reason = parse(s); reason != "" {
			return Name{}, &NameError{Ref: s, Reason: reason}
		}
	}
	if n.Host == dockerHub && n.Repository == "library/scratch" {
		return Name{}, &NameError{Ref: s,
			Reason: "scratch is the empty base of a build, and no registry serves it"}
	}
	return n, nil
}

// parse reads any reference with the runtimes' own parser, or says why it is none.
func parse(s string) (n Name, reason string) {
	if reason := foreign(s); reason != "" {
		return Name{}, reason
	}
	named, err := reference.ParseNormalizedNamed(lowerHost(s))
	if err != nil {
		return Name{}, explain(s, err)
	}
	n = Name{Host: reference.Domain(named), Repository: reference.Path(named)}
	if t, ok := named.(reference.Tagged); ok {
		n.Tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		n.Digest = d.Digest().String()
	}
	return n, ""
}

// lowerHost lowers the letters of a reference's host, as DNS does not tell them
// apart, before the parser compares it with the names of Docker Hub. Capitals
// that alone make a host of it stay: "FOO/bar" is on the host FOO, and "foo/bar"
// would be on Docker Hub.
func lowerHost(s string) string {
	host, rest, ok := strings.Cut(s, "/")
	if lower := strings.ToLower(host); ok && looksLikeHost(lower) {
		return lower + "/" + rest
	}
	return s
}

// looksLikeHost reports whether the first part of a path is a host by itself
// and not the first folder of a Docker Hub repository.
func looksLikeHost(s string) bool { return s == "localhost" || strings.ContainsAny(s, ".:") }
