package chartuse

import "strings"

// mark says that a token is no text: branches, of which one is printed, lie between
// opened and closed, and next is between two of them.
type mark uint8

const (
	opened mark = iota + 1
	next
	closed
	skipped // as closed, of branches of which none may be printed
)

// token is a piece of a template's output.
type token struct {
	text     string
	value    bool     // it is printed by an action
	paths    []string // of the values of which one is printed
	computed bool     // a function has changed them
	mark     mark
	file     string
	line     int
}

// spot is a token in the output of a template.
type spot struct {
	out []token
	at  int
}

// keep notes where the output of a template has values.
func (c *Chart) keep(out []token) {
	for i, t := range out {
		for _, p := range t.paths {
			c.spots[p] = append(c.spots[p], spot{out, i})
		}
	}
}

// use says what the output of a template does with the value in it.
func (s spot) use(path string) Use {
	t := s.out[s.at]
	u := Use{Path: path, File: t.file, Line: t.line}
	b := lineBefore(s.out[:s.at])
	u.Key = b.key
	for _, after := range linesAfter(s.out, s.at+1) {
		u.How = max(u.How, howOf(b.key, b.text, after))
	}
	if u.How == Tail && strings.HasSuffix(b.text, ":") {
		u.After = nameBefore(s.out[:s.at])
	}
	u.Before = b.values
	text := strings.ReplaceAll(b.text, printed, "")
	if b.key == "" {
		text = text[strings.LastIndexByte(text, '=')+1:] // of an argument
	}
	u.Literal = strings.Trim(text, "/:@") != ""
	if t.computed {
		u.How = Computed
	}
	return u
}

// printed stands for a value in a line.
const printed = "\x00"

// maxLine bounds the text around a value that is looked at, and maxLines the ways in
// which it can go on.
const (
	maxLine  = 512
	maxLines = 32
)

// before is what of a line stands before a value.
type before struct {
	key    string     // the name of its field, "" if that cannot be told
	text   string     // of the field's value, with printed for each value
	values [][]string // the paths of those
}

// lineBefore is the line up to the end of the tokens. Of branches, it takes the last one.
func lineBefore(out []token) before {
	line := ""
	var values [][]string
	for i := len(out) - 1; i >= 0 && len(line) < maxLine; i-- {
		t := out[i]
		if t.mark == next {
			i = opening(out, i) // the end is in a later branch
			continue
		}
		if t.value {
			line = printed + line
			values = append(values, t.paths)
			continue
		}
		nl := strings.LastIndexByte(t.text, '\n')
		line = t.text[nl+1:] + line
		if nl >= 0 {
			break
		}
	}
	var b before
	b.key, b.text = fieldOf(line)
	b.values = values[:min(strings.Count(b.text, printed), len(values))]
	return b
}

// fieldOf splits a line into the name of its last field, and that one's value.
func fieldOf(line string) (key, value string) {
	colon := strings.LastIndex(line, ": ")
	if colon < 0 {
		return "", strings.TrimLeft(line, `"' -`)
	}
	value = strings.TrimLeft(line[colon+2:], `"' `)
	key = strings.TrimRight(line[:colon], `"' `)
	return key[strings.LastIndexAny(key, "\"' {[,-")+1:], value
}

// opening is the index of the mark that opens the branches which i stands between.
func opening(out []token, i int) int {
	for depth := 0; i > 0; i-- {
		switch out[i].mark {
		case closed, skipped:
			depth++
		case opened:
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return 0
}

// branches lists where the branches that opened[i] begins are, and the mark behind them.
func branches(out []token, i int) (starts []int, end int) {
	starts = []int{i + 1}
	for depth, j := 0, i+1; j < len(out); j++ {
		switch out[j].mark {
		case opened:
			depth++
		case next:
			if depth == 0 {
				starts = append(starts, j+1)
			}
		case closed, skipped:
			if depth == 0 {
				return starts, j
			}
			depth--
		}
	}
	return starts, len(out)
}

// ending is the index of the mark that closes the branches around i.
func ending(out []token, i int) int {
	for depth := 0; i < len(out); i++ {
		switch out[i].mark {
		case opened:
			depth++
		case closed, skipped:
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return len(out)
}

// linesAfter are the ways in which a line can go on from token i.
func linesAfter(out []token, i int) []string {
	var lines []string
	var walk func(i int, line string)
	walk = func(i int, line string) {
		for ; i < len(out) && len(line) < maxLine; i++ {
			switch t := out[i]; {
			case t.mark == opened:
				starts, end := branches(out, i)
				for _, s := range starts {
					if len(lines) < maxLines {
						walk(s, line)
					}
				}
				if end >= len(out) || out[end].mark == closed {
					return
				}
				i = end
			case t.mark == next:
				i = ending(out, i+1)
			case t.value:
				line += printed
			default:
				if nl := strings.IndexByte(t.text, '\n'); nl >= 0 {
					lines = append(lines, line+t.text[:nl])
					return
				}
				line += t.text
			}
		}
		lines = append(lines, line)
	}
	walk(i, "")
	return lines
}

// howOf says what a template makes of a value, by the text around it.
func howOf(key, before, after string) How {
	ends := after == "" || strings.IndexByte("\"' \r,]}", after[0]) >= 0
	switch {
	case strings.HasSuffix(before, ":"), strings.HasSuffix(before, "@"):
		if ends || after[0] == '@' {
			return Tail
		}
		return Followed
	case !imageKey(key) && !strings.ContainsAny(after, ":@"):
		return Elsewhere
	case ends && before == "":
		return Whole
	case ends, strings.IndexByte(":/@"+printed, after[0]) >= 0:
		return Name
	case imageKey(key):
		return Followed
	}
	return Elsewhere
}

// imageKey reports whether a field of this name holds an image.
func imageKey(key string) bool {
	return strings.HasSuffix(strings.ToLower(key), "image") || strings.HasPrefix(key, "image")
}

// nameBefore is the paths of the value that stands alone before the ":" at the end.
func nameBefore(out []token) []string {
	colon := false
	for i := len(out) - 1; i >= 0; i-- {
		switch t := out[i]; {
		case t.value:
			if colon && lineBefore(out[:i]).text == "" {
				return t.paths
			}
			return nil
		case t.text == ":" && !colon:
			colon = true
		case t.mark == next:
			i = opening(out, i)
		case t.text != "":
			return nil
		}
	}
	return nil
}
