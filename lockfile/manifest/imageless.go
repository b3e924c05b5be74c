package manifest

import (
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// imagelessEntry reports whether the text in a ConfigMap's entry is found to hold nothing
// without being parsed, and claims it then, as embed does.
func (f *finder) imagelessEntry(key string, v *yaml.Node) bool {
	if f.scanner.thorough || v.Kind != yaml.Scalar || f.depth >= maxEmbedded || f.values || f.policy ||
		f.res.group != "" || f.res.kind != "ConfigMap" && f.res.kind != "Secret" ||
		len(f.masks) > 0 || len(f.places) > 0 || decisive(key) || !imageless(v.Value) {
		return false
	}
	f.claim(v)
	return true
}

// imageless reports whether configText finds nothing in s, a text that speaks of images. It
// is true only of plain JSON without escapes of characters, without a key that decides
// anything, and without a string that looks like an image, as dashboards are whose queries
// have a label of that name. Most of what ConfigMaps hold is of this sort, and to look
// at its bytes takes a fifth of the time that it takes to parse and to search it.
func imageless(s string) bool {
	if strings.Contains(s, "apiVersion") || strings.Contains(s, "DockerImage") {
		return false
	}
	l := lexer{s: s, stops: stringStops()}
	l.blanks()
	return l.at < len(s) && (s[l.at] == '{' || s[l.at] == '[') && l.value(0) && l.at == len(s)
}

// lexer goes through a JSON text (RFC 8259). Its methods are false at anything else than
// imageless describes.
type lexer struct {
	s     string
	at    int
	stops *[256]bool
}

// maxNested is how deep collections may be nested: less than any limit of parsers.
const maxNested = 64

// maxPlainKey is how long a key may be: less than what YAML takes on one line.
const maxPlainKey = 256

// stringStops are the bytes that a string has to be looked at for, or may not have.
var stringStops = sync.OnceValue(func() *[256]bool {
	var stops [256]bool
	for c := range stops {
		stops[c] = c < ' ' || c > '~' || c == '"' || c == '\\' || c == '/'
	}
	return &stops
})

// blanks passes over spaces and line feeds.
func (l *lexer) blanks() {
	for l.at < len(l.s) && (l.s[l.at] == ' ' || l.s[l.at] == '\n') {
		l.at++
	}
}

// next passes over c, and the blanks behind it.
func (l *lexer) next(c byte) bool {
	if l.at == len(l.s) || l.s[l.at] != c {
		return false
	}
	l.at++
	l.blanks()
	return true
}

// value passes over a value and the blanks behind it.
func (l *lexer) value(depth int) bool {
	if l.at == len(l.s) || depth > maxNested {
		return false
	}
	switch l.s[l.at] {
	case '{':
		return l.members('}', depth)
	case '[':
		return l.members(']', depth)
	case '"':
		if !l.text() {
			return false
		}
	default:
		if !l.bare() {
			return false
		}
	}
	l.blanks()
	return true
}

// members passes over an object or an array.
func (l *lexer) members(closing byte, depth int) bool {
	l.at++
	l.blanks()
	if l.next(closing) {
		return true
	}
	for {
		if closing == '}' && !l.key() || !l.value(depth+1) {
			return false
		}
		if l.next(closing) {
			return true
		}
		if !l.next(',') {
			return false
		}
	}
}

// key passes over a key and its colon. It has no escape and no slash.
func (l *lexer) key() bool {
	if l.at == len(l.s) || l.s[l.at] != '"' {
		return false
	}
	start := l.at + 1
	end := start
	for end < len(l.s) && !l.stops[l.s[end]] {
		end++
	}
	if end == len(l.s) || l.s[end] != '"' || end-start > maxPlainKey || decisive(l.s[start:end]) {
		return false
	}
	l.at = end + 1
	return l.next(':')
}

// bare passes over a number, a boolean or null.
func (l *lexer) bare() bool {
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(l.s[l.at:], word) {
			l.at += len(word)
			return true
		}
	}
	start := l.at
	if l.s[l.at] == '-' {
		l.at++
	}
	if l.at == len(l.s) || l.s[l.at] < '0' || l.s[l.at] > '9' {
		return false
	}
	for l.at < len(l.s) && strings.IndexByte("0123456789.eE+-", l.s[l.at]) >= 0 {
		l.at++
	}
	return l.at-start <= maxPlainKey
}

// text passes over a string. What stands between its escapes is looked at part by part:
// none of the characters that they stand for is one of an image's name.
func (l *lexer) text() bool {
	first := l.at + 1
	part, slash, lines := first, false, false
	for i := first; i < len(l.s); i++ {
		c := l.s[i]
		if !l.stops[c] {
			continue
		}
		switch c {
		case '/':
			slash = true
		case '"':
			if slash && looksLikeImages(l.s[part:i]) || lines && speaksOf(l.s[first:i]) {
				return false // the lines may be settings
			}
			l.at = i + 1
			return true
		case '\\':
			if slash && looksLikeImages(l.s[part:i]) || i+1 == len(l.s) {
				return false
			}
			switch l.s[i+1] {
			case '"', '\\', 't':
			case 'n', 'r':
				lines = true
			default:
				return false
			}
			i++
			part, slash = i+1, false
		default:
			return false
		}
	}
	return false
}

// looksLikeImages reports whether a text, or a word in it, looks like an image or its URL.
func looksLikeImages(s string) bool {
	if strings.Contains(s, "oci:") || strings.Contains(s, "docker:") || strong(s) {
		return true
	}
	for i := 0; i < len(s); {
		slash := strings.IndexByte(s[i:], '/')
		if slash < 0 {
			return false
		}
		start, end := word(s, i+slash, i)
		if strong(s[start:end]) || strong(strings.TrimRight(s[start:end], ".:")) {
			return true
		}
		i = max(end, start+1)
	}
	return false
}

// decisive reports whether fields of this name are searched otherwise than for what looks
// like an image. A test holds it to what finders compare keys with.
func decisive(key string) bool {
	switch key {
	case "<<", "apiVersion", "args", "bundle", "chart", "chartRef", "command",
		"entrypoint", "env", "envVars", "extraEnv", "extraEnvVars", "helm", "hub", "kustomize", "op",
		"patches", "patchesJson6902", "patchesStrategicMerge", "reference", "repoURL", "repository",
		"resolver", "set", "valuesFiles", "valuesFrom", "valuesInline", "volumeAttributes":
		return true
	}
	return strings.HasSuffix(key, "Args") || strings.HasSuffix(key, "Command") ||
		strings.HasSuffix(key, "Ref") || speaksOf(key) || strings.IndexByte(key, '/') >= 0
}

// speaksOf reports whether a text without escapes speaks of images.
func speaksOf(s string) bool { return strings.Contains(s, "mage") || strings.Contains(s, "MAGE") }
