package lockfile

import "strings"

const digestPrefix = "sha256:"

// ValidDigest reports whether s is a digest that a lock can hold: "sha256:" and
// 64 hex digits in lower case (OCI image-spec, "Digests").
func ValidDigest(s string) bool {
	return len(s) == len(digestPrefix)+64 && strings.HasPrefix(s, digestPrefix) && isHex(s[len(digestPrefix):])
}

// validCommit reports whether s is a full commit id of git, by SHA-1 or SHA-256.
func validCommit(s string) bool {
	return (len(s) == 40 || len(s) == 64) && isHex(s)
}

// notHex holds a 1 for each byte that is no hex digit in lower case.
var notHex = func() (t [256]byte) {
	for i := range t {
		t[i] = 1
	}
	for _, c := range []byte("0123456789abcdef") {
		t[c] = 0
	}
	return t
}()

// isHex reports whether s is of hex digits in lower case. A lock holds little
// else, so it looks each byte up and branches once.
func isHex(s string) bool {
	var wrong byte
	for i := 0; i < len(s); i++ {
		wrong |= notHex[s[i]]
	}
	return wrong == 0 && s != ""
}

// validPlatform reports whether s is "os/architecture" or
// "os/architecture/variant".
func validPlatform(s string) bool {
	parts, length := 1, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isLetter(c):
			length++
		case i > 0 && (isDigit(c) || c == '.' || c == '_' || c == '-'):
			length++
		case c == '/' && length > 0:
			parts, length = parts+1, 0
		default:
			return false
		}
	}
	return length > 0 && (parts == 2 || parts == 3)
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
