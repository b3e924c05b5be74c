package oci

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/distribution/reference"
)

const (
	hexDigits  = "0123456789abcdef"
	tagLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
)

// foreign gives the reason where a text is so clearly no reference that the
// parser's own words would only confuse.
func foreign(s string) string {
	switch scheme, _, found := strings.Cut(s, "://"); {
	case s == "":
		return "it is empty"
	case strings.ContainsFunc(s, unicode.IsSpace):
		return "it holds white space"
	case found:
		return fmt.Sprintf("it has a scheme, %q: write the name without it", scheme+"://")
	}
	return ""
}

// explain puts the parser's refusal in the words of the user who wrote s.
func explain(s string, err error) string {
	name, digest, pinned := strings.Cut(s, "@")
	switch {
	case errors.Is(err, reference.ErrNameTooLong):
		return fmt.Sprintf("the repository is longer than %d characters", maxRepository)
	case len(s) == 64 && strings.Trim(s, hexDigits) == "":
		return "64 hex digits are an image id, not a repository"
	}
	if reason := explainDigest(digest); pinned && reason != "" {
		return reason
	}
	repository, tag, tagged := name, "", false
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		repository, tag, tagged = name[:i], name[i+1:], true
	}
	if reason := explainTag(tag); tagged && reason != "" {
		return reason
	}
	if host, rest, ok := strings.Cut(repository, "/"); ok && looksLikeHost(host) {
		repository = rest
	}
	return explainRepository(repository)
}

// explainDigest says what is wrong with the part after the @, or "".
func explainDigest(s string) string {
	algorithm, hex, ok := strings.Cut(s, ":")
	size := map[string]int{"sha256": 64, "sha512": 128}[algorithm]
	switch {
	case !ok:
		return "the part after @ is not a digest: write @sha256: and 64 hex digits"
	case size == 0:
		return fmt.Sprintf("unknown digest algorithm %q: write sha256", algorithm)
	case len(hex) != size:
		return fmt.Sprintf("a %s digest has %d hex digits, not %d", algorithm, size, len(hex))
	case strings.Trim(strings.ToLower(hex), hexDigits) != "":
		return "the digest holds something else than hex digits"
	case hex != strings.ToLower(hex):
		return "a digest's hex digits are lower case"
	}
	return ""
}

func explainTag(s string) string {
	switch {
	case s == "":
		return "no tag follows the colon"
	case len(s) > maxTag:
		return fmt.Sprintf("the tag is longer than %d characters", maxTag)
	case strings.Trim(s, tagLetters) != "":
		return fmt.Sprintf("a tag cannot hold %q", alien(s, tagLetters))
	case s[0] == '.' || s[0] == '-':
		return fmt.Sprintf("a tag cannot start with %q", s[:1])
	}
	return ""
}

// explainRepository says what is wrong with a path; something is, as the parser
// refused the whole and neither digest nor tag is to blame.
func explainRepository(s string) string {
	switch c := alien(s, tagLetters+"/"); {
	case c == ":":
		return "a repository cannot hold a colon: the only one stands before the tag"
	case c != "":
		return fmt.Sprintf("a repository cannot hold %q", c)
	case s != strings.ToLower(s):
		return "a repository is lower case"
	}
	for folder := range strings.SplitSeq(s, "/") {
		if folder == "" {
			return "a part of the repository between slashes is empty"
		}
		if !isRepository(folder) {
			return fmt.Sprintf("in %q, one dot, one or two underscores or dashes can stand "+
				"between letters and digits, nowhere else", folder)
		}
	}
	return "its host is none: it is a DNS name or an IP address, with a port or without"
}

// alien is the first character of s that is not in set, or "".
func alien(s, set string) string {
	i := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(set, r) })
	if i < 0 {
		return ""
	}
	for j := range s[i:] {
		if j > 0 {
			return s[i : i+j]
		}
	}
	return s[i:]
}
