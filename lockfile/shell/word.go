// Package shell quotes text for POSIX shells.
package shell

import "strings"

// Word is a name as a word of a command line: quoted, if it has to be.
func Word(name string) string {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 0x7f ||
			strings.ContainsRune("/._-+@%,:=", r))
	}
	if name != "" && !strings.ContainsFunc(name, special) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
