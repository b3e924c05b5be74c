package chart

import (
	"bytes"
	"strings"
)

// reducer copies of a chart's entry in an index the lines that say which versions there
// are, so that a parser has a fifth of the work: "name", "version", "urls" and "digest" of
// each version, with what belongs to them. It knows the forms that YAML libraries write and
// follows strings from line to line, so that a line within one is not taken for a key. It
// gives up at any other form.
//
// Where all that it copies are simple scalars it needs no parser: see simple.
type reducer struct {
	out   bytes.Buffer
	list  []entry
	hard  bool   // list is not what a parser would find
	found string // the keys of the version so far, each with a space
	urls  bool   // in the list of URLs
	dash  int    // column of the versions' dashes, -1 before the first
	keys  int    // column of their keys
	keep  bool
	quote byte // that ends the string that goes on in the next line, 0 if there is none
	block int  // lines behind this column are of a block scalar, -1 if there is none
}

// reduced is what is left of an entry.
type reduced struct {
	text []byte  // for a parser
	list []entry // the versions in text, if simple
	easy bool    // list is there
}

// reduce returns an entry with fewer lines, if it is in a form that it knows.
func reduce(entry []byte) (left reduced, ok bool) {
	first, rest, _ := bytes.Cut(entry, []byte("\n"))
	r := reducer{dash: -1, block: -1}
	r.out.Write(first)
	r.out.WriteByte('\n')
	for len(rest) > 0 {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte("\n"))
		if !r.line(string(bytes.TrimRight(text, " \r"))) {
			return reduced{}, false
		}
	}
	return reduced{r.out.Bytes(), r.list, !r.hard}, r.quote == 0
}

// line takes a line, and reports whether it is of a form that is known.
func (r *reducer) line(text string) bool {
	rest := strings.TrimLeft(text, " ")
	column := len(text) - len(rest)
	if rest == "" {
		r.copy(text)
		return true
	}
	if r.block >= 0 && column > r.block {
		r.copy(text)
		return true
	}
	r.block = -1
	switch {
	case r.quote != 0:
		r.copy(text)
		return column > r.keys && r.closed(rest)
	case rest[0] == '#':
		return true
	case rest[0] == '\t':
		return false
	case r.dash < 0 || column == r.dash:
		return r.version(rest, column)
	case column < r.keys:
		return false
	case column == r.keys && !strings.HasPrefix(rest, "- "):
		return r.key(rest)
	}
	if r.keep {
		r.item(rest)
	}
	r.copy(text)
	return r.value(rest, column, false)
}

// copy copies a line of a key that is kept.
func (r *reducer) copy(text string) {
	if r.keep {
		r.out.WriteString(text)
		r.out.WriteByte('\n')
	}
}

// version takes the line that begins a version: "- name: web".
func (r *reducer) version(text string, column int) bool {
	rest, ok := strings.CutPrefix(text, "- ")
	if !ok {
		return false
	}
	key := strings.TrimLeft(rest, " ")
	at := column + len(text) - len(key)
	if r.dash >= 0 && at != r.keys {
		return false
	}
	r.dash, r.keys = column, at
	r.out.WriteString(strings.Repeat(" ", column) + "-\n")
	r.list, r.found = append(r.list, entry{}), ""
	return r.key(key)
}

// key takes a line with a key of a version.
func (r *reducer) key(text string) bool {
	name, value, ok := strings.Cut(text, ":")
	if !ok || !isPlainName(name) || value != "" && value[0] != ' ' {
		return false
	}
	switch strings.ToLower(name) { // encoding/json does not tell them apart
	case "name", "version", "urls", "digest":
		r.keep = true
	default:
		r.keep = false
	}
	value = strings.TrimLeft(value, " ")
	if r.keep {
		r.field(name, value)
	}
	r.copy(strings.Repeat(" ", r.keys) + text)
	return r.value(value, r.keys, true)
}

// field takes a key that is kept, and its value in the same line.
func (r *reducer) field(name, value string) {
	if strings.Contains(r.found, name+" ") {
		r.hard = true
	}
	r.found += name + " "
	text, ok := simple(value)
	e := &r.list[len(r.list)-1]
	r.urls = name == "urls" && value == ""
	switch name {
	case "name":
		e.Name = text
	case "version":
		e.Version = text
	case "digest":
		e.Digest = text
	default:
		ok = r.urls
	}
	r.hard = r.hard || !ok
}

// item takes a line below a key that is kept.
func (r *reducer) item(text string) {
	value, isItem := strings.CutPrefix(text, "- ")
	value, ok := simple(strings.TrimLeft(value, " "))
	r.hard = r.hard || !r.urls || !isItem || !ok
	e := &r.list[len(r.list)-1]
	e.URLs = append(e.URLs, value)
}

// simple returns the text of a scalar of which it is plain that it is this text to every
// parser of YAML: a word that begins with a letter, a version with two dots, or a hash, and
// neither a number, a boolean, a date nor null. It may be in double quotes.
func simple(value string) (text string, ok bool) {
	quoted := len(value) > 2 && value[0] == '"' && value[len(value)-1] == '"'
	if quoted {
		value = value[1 : len(value)-1]
	}
	dots, hex := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '.':
			dots++
		case 'a' <= c && c <= 'd', c == 'f': // not of a number, but for 0b and 0x
			hex = hex || i > 1
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', c == '+', c == '/':
		case c == ':' && i+1 < len(value) && value[i+1] == '/': // of a URL
		default:
			return "", false
		}
	}
	switch {
	case value == "":
		return "", false
	case quoted:
		return value, true
	case 'a' <= value[0]|0x20 && value[0]|0x20 <= 'z':
		return value, !isWord(value)
	case '0' <= value[0] && value[0] <= '9':
		return value, dots >= 2 || hex && len(value) == 64 && value[1]|0x20 != 'x'
	}
	return "", false
}

// isWord reports whether a word is a boolean or null to a parser of YAML 1.1.
func isWord(value string) bool {
	switch strings.ToLower(value) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// value takes what is at a column: a value, keys with a value, or items of a list. inLine
// says that it is behind a key in the same line.
func (r *reducer) value(text string, column int, inLine bool) bool {
	for text != "" && text[0] != '#' {
		if rest, ok := strings.CutPrefix(text, "- "); ok {
			next := strings.TrimLeft(rest, " ")
			if next == "" || next[0] == '|' || next[0] == '>' {
				return r.scalar(next, column)
			}
			column += len(text) - len(next)
			text = next
			continue
		}
		switch text[0] {
		case '"', '\'':
			r.quote = text[0]
			return r.closed(text[1:])
		case '|', '>':
			return inLine && r.scalar(text, column)
		case '[', '{':
			return isFlow(text)
		case '&', '*', '!', '?', '%', '@', '`', ',', ']', '}':
			return false
		}
		_, value, isKey := strings.Cut(text, ": ")
		if !isKey {
			return true
		}
		text, inLine = strings.TrimLeft(value, " "), true
	}
	return true
}

// scalar takes the beginning of a block scalar in what is at a column: "|-".
func (r *reducer) scalar(text string, column int) bool {
	if text == "" {
		return true
	}
	r.block = column
	return strings.Trim(text[1:], "+-0123456789") == ""
}

// closed takes what follows in a string, and perhaps behind it.
func (r *reducer) closed(text string) bool {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && r.quote == '"':
			i++
		case text[i] != r.quote:
		case r.quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			r.quote = 0
			rest := strings.TrimLeft(text[i+1:], " ")
			if value, isKey := strings.CutPrefix(rest, ": "); isKey {
				value = strings.TrimLeft(value, " ")
				return !strings.ContainsAny(value[:min(1, len(value))], "|>[{&*!") &&
					r.value(value, 0, true)
			}
			return rest == "" || rest == ":" || rest[0] == '#'
		}
	}
	return true
}

// isFlow reports whether a list or a mapping in flow style is simple, and ends with its
// line.
func isFlow(text string) bool {
	depth := 0
	for i, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '"', '\'', '#', '&', '*', '!':
			return false
		}
		if depth == 0 {
			return i == len(text)-1
		}
	}
	return false
}
