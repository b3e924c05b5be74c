package complete

import (
	"regexp"
	"strings"
	"sync"
)

var assignment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
})

// shellWords are the words behind the command's name on a line, as a shell would
// unquote them. The last one is being typed: it is empty behind a blank, and its
// quotation mark may be open: quoted. Variables and the like stay as they are.
func shellWords(line string) (words []string, quoted bool) {
	words, quoted = splitLine(line)
	for len(words) > 1 && assignment().MatchString(words[0]) {
		words = words[1:]
	}
	if len(words) < 2 {
		return []string{""}, false
	}
	return words[1:], quoted
}

func splitLine(line string) (words []string, quoted bool) {
	var word strings.Builder
	var quote byte
	begun := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'':
			word.WriteByte(c)
		case c == '\\':
			begun = true
			if i++; i == len(line) {
				break
			}
			if quote == '"' && !strings.ContainsRune("\"\\$`", rune(line[i])) {
				word.WriteByte('\\')
			}
			word.WriteByte(line[i])
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, begun = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if begun {
				words = append(words, word.String())
				word.Reset()
			}
			begun = false
		default:
			begun = true
			word.WriteByte(c)
		}
	}
	return append(words, word.String()), quote != 0
}

// replacing makes candidates for word what bash puts in the place of text. Bash
// breaks words at colons and equals signs and replaces the last part; and it
// inserts what it is given as it is, unless there is an open quotation mark.
func replacing(candidates []Candidate, word string, quoted bool, text string) []Candidate {
	kept, ok := strings.CutSuffix(word, text)
	if !ok {
		kept = "" // text is quoted, and replaced as a whole
	}
	var out []Candidate
	for _, c := range candidates {
		rest := strings.TrimPrefix(c.Text, kept)
		if !quoted {
			rest = special().ReplaceAllString(rest, `\$0`)
		}
		out = append(out, Candidate{rest, c.Says})
	}
	return out
}

// special are the characters that mean something to a shell.
var special = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("[ \t\"'\\\\$`&|;()<>*?\\[\\]{}!#~]")
})
