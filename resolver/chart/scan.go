package chart

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// scanner finds the entry of each chart in an index as helm writes it, line by line: a
// mapping in block style, with a line of its own for each chart below "entries:". What is
// found is parsed when it is needed, and only then.
//
// Where a line could mean something else to a YAML parser, the scanner gives up with an
// *otherFormError. It does not look into strings of several lines: an entry that was cut
// in the middle of one is not valid YAML, and an error when it is parsed.
type scanner struct {
	charts map[string]span
	last   string // chart

	at      int64 // of the line
	open    string
	start   int64
	keys    map[string]bool // of the index itself
	entries bool            // in the mapping "entries"
	indent  int             // of the charts in it, 0 before the first
}

// otherFormError says that an index is not in the form that helm writes.
type otherFormError struct {
	line int
	why  string
}

// Error gives the place and the reason.
func (e *otherFormError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.why) }

// scan reads an index to its end, or to what it does not understand.
func (s *scanner) scan(from *bufio.Reader) error {
	s.keys = make(map[string]bool)
	for n := 1; ; n++ {
		start, length, err := readLine(from)
		if err != nil && err != io.EOF {
			return err
		}
		if length > 0 {
			if n == 1 {
				start = bytes.TrimPrefix(start, []byte(utf8BOM))
			}
			if why := s.line(start); why != "" {
				return &otherFormError{n, why}
			}
			s.at += length
		}
		if err == io.EOF {
			break
		}
	}
	s.close()
	switch {
	case !s.keys["apiVersion"]:
		return errors.New("not the index of a chart repository: no apiVersion in it")
	case !s.keys["entries"]:
		return errors.New("not the index of a chart repository: no entries in it")
	}
	return nil
}

// readLine returns the beginning of a line, which holds until the next call, and the
// length of all of it with its end.
func readLine(from *bufio.Reader) (start []byte, length int64, err error) {
	start, err = from.ReadSlice('\n')
	length = int64(len(start))
	if err != bufio.ErrBufferFull {
		return start, length, err
	}
	start = bytes.Clone(start)
	for err == bufio.ErrBufferFull {
		var part []byte
		part, err = from.ReadSlice('\n')
		length += int64(len(part))
	}
	return start, length, err
}

// line takes the next line, and returns why it is not understood, "" if it is.
func (s *scanner) line(text []byte) (why string) {
	text = bytes.TrimRight(text, " \r\n")
	rest := bytes.TrimLeft(text, " ")
	indent := len(text) - len(rest)
	switch {
	case len(rest) == 0, rest[0] == '#' && indent == 0:
		return ""
	case rest[0] == '\t':
		return "a tab"
	case indent == 0:
		return s.key(string(rest))
	case !s.entries:
		return "" // of another key's value
	case s.indent == 0:
		s.indent = indent
		return s.chart(string(rest))
	case indent > s.indent:
		return ""
	case indent < s.indent:
		return "an indentation that helm does not write"
	case rest[0] == '-' && (len(rest) == 1 || rest[1] == ' '):
		if s.open == "" {
			return "a list in place of charts"
		}
		return ""
	case rest[0] == '#':
		return ""
	}
	return s.chart(string(rest))
}

// key takes a line of the index itself: "apiVersion: v1", "entries:".
func (s *scanner) key(text string) (why string) {
	if text == "---" && len(s.keys) == 0 {
		return ""
	}
	if s.entries && strings.HasPrefix(text, "- ") {
		return "a list in place of charts"
	}
	s.close()
	s.entries = false
	key, value, ok := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	switch {
	case !ok || !isPlainName(key):
		return "not a key as helm writes it"
	case s.keys[key]:
		return fmt.Sprintf("the key %q is there twice", key)
	case key == "entries" && value != "" && value != "{}":
		return "entries in another form"
	case !isOneLine(value):
		return fmt.Sprintf("a value of %q that may go on in the next line", key)
	}
	s.keys[key] = true
	s.entries = key == "entries" && value == ""
	return ""
}

// chart takes the line that begins the entry of a chart: "web:".
func (s *scanner) chart(text string) (why string) {
	s.close()
	name, ok := strings.CutSuffix(text, ":")
	if rest, empty := strings.CutSuffix(text, ": []"); empty {
		name, ok = rest, true
	}
	if len(name) > 2 && (name[0] == '"' || name[0] == '\'') && name[len(name)-1] == name[0] {
		name = name[1 : len(name)-1]
	}
	if !ok || !isPlainName(name) {
		return "not a chart's name as helm writes it"
	}
	if _, twice := s.charts[name]; twice {
		return fmt.Sprintf("chart %q is there twice", name)
	}
	s.charts[name] = span{}
	s.open, s.start, s.last = name, s.at, name
	return ""
}

// close ends the entry of a chart.
func (s *scanner) close() {
	if s.open != "" {
		s.charts[s.open] = span{s.start, s.at}
		s.open = ""
	}
}

// isPlainName reports whether a key is of letters, digits, dots, dashes and underscores.
func isPlainName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 < 'a' || 'z' < c|0x20 {
			if (c < '0' || '9' < c) && c != '.' && c != '-' && c != '_' {
				return false
			}
		}
	}
	return s != "" && s[0] != '-'
}

// isOneLine reports whether a value of the index itself ends with its line: a scalar that
// is plain or quoted, an empty list or mapping, or nothing, after which lines that belong
// to it are indented.
func isOneLine(value string) bool {
	if value == "" || value == "[]" || value == "{}" {
		return true
	}
	switch c := value[0]; c {
	case '"', '\'':
		inner := value[1:]
		return strings.Index(inner, string(c)) == len(inner)-1 && !strings.Contains(inner, `\`)
	case '[', '{', '&', '*', '!', '%', '@', '`', '?', '-':
		return false
	}
	return true
}
