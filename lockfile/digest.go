package lockfile

import (
	"encoding/base64"
	"strings"
)

const digestPrefix = "sha256:"

// ValidDigest reports whether s is a digest that a lock can hold: "sha256:" and
// 64 hex digits in lower case (OCI image-spec, "Digests").
func ValidDigest(s string) bool {
	return len(s) == len(digestPrefix)+64 && strings.HasPrefix(s, digestPrefix) &&
		isHex(s[len(digestPrefix):])
}

// ValidCommit reports whether s is a full commit id of git, by SHA-1 or SHA-256.
func ValidCommit(s string) bool {
	return (len(s) == 40 || len(s) == 64) && isHex(s)
}

// validContent reports whether s is a hash of files: "h1:" and the base64 of 32 bytes.
func validContent(s string) bool {
	text, ok := strings.CutPrefix(s, "h1:")
	if !ok {
		return false
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil && len(sum) == 32
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
