package manifest

import (
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// literal is a string in an expression of CEL (the language's definition, "String and bytes
// values").
type literal struct {
	start, end int // of the quotes and what is between them
	from, to   int // of what is between them
	plain      bool
}

func (l literal) text(src string) string { return src[l.from:l.to] }

// literals finds the strings in an expression, but for those in comments.
func literals(src string) []literal {
	var out []literal
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case strings.HasPrefix(src[i:], "//"):
			if nl := strings.IndexByte(src[i:], '\n'); nl >= 0 {
				i += nl
				continue
			}
			return out
		case c == '"' || c == '\'':
			l := literalAt(src, i)
			out = append(out, l)
			i = l.end
			continue
		}
		i++
	}
	return out
}

// literalAt reads the string that starts with the quote at i.
func literalAt(src string, i int) literal {
	quote := src[i : i+1]
	if strings.HasPrefix(src[i:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	raw := i > 0 && (src[i-1] == 'r' || src[i-1] == 'R')
	l := literal{start: i, from: i + len(quote), plain: true}
	for j := l.from; j < len(src); j++ {
		switch {
		case strings.HasPrefix(src[j:], quote):
			l.to, l.end = j, j+len(quote)
			return l
		case src[j] == '\\' && !raw:
			l.plain = false
			j++
		}
	}
	l.to, l.end = len(src), len(src)
	return l
}

// celFields are the places in an expression where an image is given: "image:" of an object
// or a map, and "value:" of a JSON patch.
var celFields = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:\b|["'])(image|value)["']?\s*:\s*`)
})

// celCopy is an expression that takes an image from the object at hand: another image is
// not brought in.
var celCopy = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z_][a-zA-Z_0-9.?\[\]]*\.image\s*(?:[,})\]]|$)`)
})

// imagePointer is the end of a JSON pointer to an image.
var imagePointer = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:/|["'])image["']\s*[,)}\]]`)
})

// celObject is an expression of CEL whose value is an object, or patches of one, that
// replaces what is admitted.
func celObject(f *finder, s spot) bool {
	t, src := str(s.v)
	if t == nil || t.Kind != yaml.Scalar || src == "" || f.claimed[s.v] {
		return false
	}
	f.claim(s.v)
	inner := &text{src: src, outer: f.text, node: t}
	strs := literals(src)
	for _, m := range celFields().FindAllStringSubmatchIndex(src, -1) {
		name := src[m[2]:m[3]]
		if inLiteral(strs, m[2]) && !isKey(strs, m[2], m[3]) || name == "value" &&
			!imagePointer().MatchString(patchAround(src, m[2])) {
			continue
		}
		f.celImage(inner, strs, m[1], name == "image")
	}
	f.celRest(inner, strs)
	return true
}

// patchAround is the JSON patch that byte i of an expression stands in.
func patchAround(src string, i int) string {
	const start = "JSONPatch"
	from := max(strings.LastIndex(src[:i], start), 0)
	if to := strings.Index(src[i:], start); to >= 0 {
		return src[from : i+to]
	}
	return src[from:]
}

// celVariable is an expression whose value others use.
func celVariable(f *finder, s spot) bool {
	t, src := str(s.v)
	if t == nil || t.Kind != yaml.Scalar || src == "" || f.claimed[s.v] {
		return false
	}
	f.claim(s.v)
	f.celRest(&text{src: src, outer: f.text, node: t}, literals(src))
	return true
}

// celImage judges what stands at byte i of an expression, where an image is given.
func (f *finder) celImage(inner *text, strs []literal, i int, certain bool) {
	rest := inner.src[i:]
	for _, l := range strs {
		if l.start != i {
			continue
		}
		value, after := l.text(inner.src), strings.TrimLeft(inner.src[l.end:], " \t\r\n")
		alone := after == "" || strings.ContainsAny(after[:1], ",})]")
		switch {
		case value == "" || !certain && !medium(value) && strings.ContainsAny(value, " {}"):
		case l.plain && alone && templateIn(value) == "":
			f.textImage(inner, l.from, l.to, true)
		default:
			f.celComputed(inner, i, value)
		}
		return
	}
	if rest == "" || celCopy().MatchString(rest) || rest[0] == '{' || rest[0] == '[' ||
		!certain && strings.HasPrefix(rest, "Object") {
		return
	}
	f.celComputed(inner, i, rest)
}

// operand is the expression at the start of src, up to the comma or bracket behind it.
func operand(src string) string {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '"', '\'':
			i = literalAt(src, i).end - 1
		case '(', '[', '{':
			depth++
		case ')', ']', '}', ',':
			if depth == 0 {
				return strings.TrimSpace(src[:i])
			}
			if src[i] != ',' {
				depth--
			}
		}
	}
	return strings.TrimSpace(src)
}

// celMirrors reports whether an expression gives the object's own image another
// registry: the tag or digest stays what it was.
func celMirrors(expression string) bool {
	if !strings.Contains(expression, ".image") {
		return false
	}
	for _, l := range literals(expression) {
		if value := l.text(expression); value != "" && !strings.HasSuffix(value, "/") {
			return false
		}
	}
	return true
}

// celComputed remarks on an image that an expression works out.
func (f *finder) celComputed(inner *text, i int, written string) {
	if celMirrors(operand(inner.src[i:])) {
		f.remarkAt(inner.offset(i), "uneditable", written,
			"is an image that gets another registry when objects are admitted", false)
		return
	}
	f.remarkAt(inner.offset(i), "uneditable", written,
		"is an image that an expression works out when objects are admitted; "+
			"write it as one string with a digest", true)
}

// celRest remarks on the other strings of an expression that look like images.
func (f *finder) celRest(inner *text, strs []literal) {
	for _, l := range strs {
		if value := l.text(inner.src); strong(value) {
			f.remarkAt(inner.offset(l.from), "suspect", value, "looks like an image, in an expression",
				false)
		}
	}
}

// inLiteral reports whether byte i stands in a string.
func inLiteral(strs []literal, i int) bool {
	for _, l := range strs {
		if l.start <= i && i < l.end {
			return true
		}
	}
	return false
}

// isKey reports whether a string is src[i:j] and nothing else, as the keys of maps are.
func isKey(strs []literal, i, j int) bool {
	for _, l := range strs {
		if l.from == i && l.to == j {
			return true
		}
	}
	return false
}
