package oci

import (
	"errors"
	"fmt"
	"strings"

	_ "crypto/sha256" // the digest algorithms that reference knows are those linked in
	_ "crypto/sha512"

	"github.com/distribution/reference"
)

// NameError says why a text is no OCI reference.
type NameError struct {
	Ref    string // as it was given
	Reason string // lower case, without the reference
}

// Error quotes the reference and gives the reason.
func (e *NameError) Error() string { return fmt.Sprintf("%q is no image name: %s", e.Ref, e.Reason) }

// maxTag is the length of the longest tag (OCI distribution-spec, "Pulling manifests").
const maxTag = 128

// Parse reads a reference the way container runtimes do (distribution/reference,
// which containerd and kubelet use) and returns its canonical form. The error
// is a *NameError.
func Parse(s string) (Name, error) {
	if n, ok := parseOrdinary(s); ok {
		return n, nil
	}
	return parseAny(s)
}

// parseAny is Parse for any text.
func parseAny(s string) (Name, error) {
	if reason := refused(s); reason != "" {
		return Name{}, &NameError{Ref: s, Reason: reason}
	}
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Name{}, &NameError{Ref: s, Reason: explain(s, err)}
	}
	n := Name{Host: canonicalHost(reference.Domain(named)), Repository: reference.Path(named)}
	if t, ok := named.(reference.Tagged); ok {
		n.Tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		n.Digest = d.Digest().String()
	}
	if n.Host == "docker.io" && n.Repository == "library/scratch" {
		return Name{}, &NameError{Ref: s, Reason: "scratch is the empty base of a build, and no registry serves it"}
	}
	return n, nil
}

// canonicalHost lowers a host's letters, unless they are all that makes it one:
// "FOO/bar" is on the host FOO, "foo/bar" on Docker Hub.
func canonicalHost(host string) string {
	lower := strings.ToLower(host)
	if lower != "localhost" && !strings.ContainsAny(host, ".:[") {
		return host
	}
	return lower
}

// refused gives the reason where a text is so clearly no reference that the
// parser's own words would only confuse.
func refused(s string) string {
	switch scheme, _, found := strings.Cut(s, "://"); {
	case s == "":
		return "it is empty"
	case strings.ContainsAny(s, " \t\r\n"):
		return "it holds white space"
	case found:
		return fmt.Sprintf("it starts with %q: write the name without it", scheme+"://")
	case strings.HasPrefix(s, "http:"), strings.HasPrefix(s, "https:"):
		return "it is a URL: write host/repository:tag"
	}
	return ""
}

// explain puts the parser's refusal in the words of the one who wrote s.
func explain(s string, err error) string {
	name, digest, hasDigest := strings.Cut(s, "@")
	algorithm, hex, ok := strings.Cut(digest, ":")
	switch {
	case errors.Is(err, reference.ErrNameTooLong):
		return "the repository is longer than 255 characters"
	case strings.Contains(err.Error(), "64-byte hexadecimal"):
		return "64 hex digits are an image id, not a repository"
	case hasDigest && !ok:
		return "the part after @ is no digest: write @sha256: and 64 hex digits"
	case hasDigest && algorithm == "sha256" && len(hex) != 64:
		return fmt.Sprintf("a sha256 digest has 64 hex digits, not %d", len(hex))
	case hasDigest && hex != strings.ToLower(hex):
		return "a digest's hex digits are lower case"
	case hasDigest && algorithm != "sha256" && algorithm != "sha512":
		return fmt.Sprintf("the digest algorithm %q is not known", algorithm)
	}
	repository, tag := name, ""
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		repository, tag = name[:i], name[i+1:]
	}
	path := repository
	if i := strings.IndexByte(repository, '/'); i >= 0 && strings.ContainsAny(repository[:i], ".:[") {
		path = repository[i+1:]
	}
	switch {
	case len(tag) > maxTag:
		return fmt.Sprintf("the tag is longer than %d characters", maxTag)
	case path != strings.ToLower(path):
		return "a repository is lower case"
	case strings.Contains(path, "//") || strings.HasSuffix(path, "/") || strings.HasPrefix(path, "/"):
		return "a part of the repository between slashes is empty"
	case strings.Contains(path, ":"):
		return "a repository holds no colon: one stands before the tag only"
	}
	return "it is not of the form host/repository:tag"
}

// Repo is the name without tag and digest: "docker.io/library/nginx".
func (n Name) Repo() string { return n.Host + "/" + n.Repository }

// String is the whole name in canonical form.
func (n Name) String() string {
	s := n.Repo()
	if n.Tag != "" {
		s += ":" + n.Tag
	}
	if n.Digest != "" {
		s += "@" + n.Digest
	}
	return s
}

// Tracked is what the name follows: its tag, where it has none "latest", and
// where it has only a digest, that.
func (n Name) Tracked() string {
	switch {
	case n.Tag != "":
		return n.Repo() + ":" + n.Tag
	case n.Digest != "":
		return n.Repo() + "@" + n.Digest
	}
	return n.Repo() + ":latest"
}
