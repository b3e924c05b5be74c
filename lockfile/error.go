package lockfile

import (
	"fmt"
	"unicode/utf8"
)

// SyntaxError is a fault in a lock's text.
type SyntaxError struct {
	File string // as Parse was told
	Line int    // 1-based; one more than there are where the text ends too early
	Msg  string // what is wrong, or what was expected
	Fix  string // how to fix it: "to do this or that: command"
	// Conflicted says that the text holds a merge's conflict marks.
	Conflicted bool
}

// Error returns the position, the error and how to fix it.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d: %s; %s", e.File, e.Line, e.Msg, e.Fix)
}

// restore fixes a lock that someone edited. To write it anew would lose the pins
// that no manifest carries.
func restore(file string) string {
	return "to take back the last committed lock: git checkout HEAD -- " + file
}

// oddity says what is wrong with a line that no lock can hold, whatever was
// expected there, and how to fix it; msg is "" for any other line.
func oddity(file, line string) (msg, fix string) {
	for i, r := range line {
		switch {
		case r == '\ufeff' && i == 0:
			return "a lock starts with no byte order mark", restore(file)
		case r == '\r' && i == len(line)-1:
			return "the line ends in CR LF, and those of a lock in LF alone",
				"to have git leave line ends alone: add \"plumb.lock -text\" to .gitattributes, " +
					"then: git checkout HEAD -- " + file
		case r < ' ' || r > '~':
			_, size := utf8.DecodeRuneInString(line[i:])
			return fmt.Sprintf("byte %d of the line starts %+q: a lock is printable ASCII", i+1,
				line[i:i+size]), restore(file)
		}
	}
	if n := len(line); n > 0 && line[n-1] == ' ' {
		return "the line ends in a space", restore(file)
	}
	return "", ""
}
