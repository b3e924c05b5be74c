package lockfile

import (
	"errors"
	"strings"
)

// The marks that git leaves in a file that it could not merge.
const (
	markOurs   = "<<<<<<<"
	markBase   = "|||||||" // in the styles diff3 and zdiff3
	markMiddle = "======="
	markTheirs = ">>>>>>>"
)

// markOf returns the conflict mark that a line is, or "". Longer ones, as git
// writes them for a conflict inside a conflict, are none.
func markOf(line string) string {
	for _, mark := range [...]string{markOurs, markBase, markMiddle, markTheirs} {
		if rest, ok := strings.CutPrefix(line, mark); ok && (rest == "" || rest[0] == ' ') {
			return mark
		}
	}
	return ""
}

// firstMark returns the 1-based line of the first conflict mark, or 0. No line of
// a lock looks like one.
func firstMark(text string) int {
	line := 0
	for l := range strings.Lines(text) {
		line++
		if markOf(strings.TrimSuffix(l, "\n")) != "" {
			return line
		}
	}
	return 0
}

// ParseConflicted reads both sides of a lock in which git left conflict marks,
// in the style merge, diff3 or zdiff3. What stands outside of the marks belongs to
// both sides. The base that diff3 shows is left out, as zdiff3 shows only a part
// of it. Each side by itself has to be a lock.
//
// Where git saw no conflict it joined the lines of both sides, and an entry that
// comes out of that may be of neither. So where the three locks themselves can be
// had (git show :1:plumb.lock, :2:plumb.lock and :3:plumb.lock), Parse and [Merge]
// those.
//
// The error is a *SyntaxError whose line is that of the conflicted text.
func ParseConflicted(file string, data []byte) (ours, theirs *Lock, err error) {
	left, right, bad := split(string(data))
	if bad > 0 {
		return nil, nil, &SyntaxError{File: file, Line: bad, Conflicted: true,
			Msg: "a conflict mark is missing or out of place", Fix: takeOurs(file)}
	}
	if ours, err = left.parse(file); err != nil {
		return nil, nil, err
	}
	if theirs, err = right.parse(file); err != nil {
		return nil, nil, err
	}
	return ours, theirs, nil
}

// takeOurs settles what git's merge left: the manifests say which pins of the other
// side are missing then.
func takeOurs(file string) string {
	return "to go on from our side of the merge: git checkout --ours -- " + file +
		", then: plumb lock"
}

// side is what one side of a merge has of a conflicted text.
type side struct {
	text  strings.Builder
	lines []int // the line of the conflicted text that each line comes from
}

func (s *side) add(text string, line int) {
	s.text.WriteString(text)
	s.lines = append(s.lines, line)
}

func (s *side) parse(file string) (*Lock, error) {
	l, err := Parse(file, []byte(s.text.String()))
	var se *SyntaxError
	if !errors.As(err, &se) {
		return l, err
	}
	mapped := *se
	mapped.Conflicted, mapped.Fix = true, takeOurs(file)
	if se.Line <= len(s.lines) {
		mapped.Line = s.lines[se.Line-1]
	} else if len(s.lines) > 0 {
		mapped.Line = s.lines[len(s.lines)-1]
	}
	return nil, &mapped
}

// split parts a conflicted text. bad is the line of a mark out of place, or 0.
func split(text string) (ours, theirs *side, bad int) {
	ours, theirs = &side{}, &side{}
	// in is the mark that was passed last, "" outside of a conflict.
	in, line := "", 0
	for whole := range strings.Lines(text) {
		line++
		mark := markOf(strings.TrimSuffix(whole, "\n"))
		switch {
		case mark == "":
			if in == "" || in == markOurs {
				ours.add(whole, line)
			}
			if in == "" || in == markMiddle {
				theirs.add(whole, line)
			}
		case !follows(in, mark):
			return nil, nil, line
		case mark == markTheirs:
			in = ""
		default:
			in = mark
		}
	}
	if in != "" {
		return nil, nil, line
	}
	return ours, theirs, 0
}

// follows reports whether mark can come after the mark in.
func follows(in, mark string) bool {
	switch mark {
	case markOurs:
		return in == ""
	case markBase:
		return in == markOurs
	case markMiddle:
		return in == markOurs || in == markBase
	}
	return in == markMiddle
}
