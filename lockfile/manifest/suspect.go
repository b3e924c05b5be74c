package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// suspect remarks on text that looks like an image where none is known to stand.
func (f *finder) suspect(n *yaml.Node) {
	t := target(n)
	if f.claimed[n] {
		return
	}
	if strings.IndexByte(t.Value, '\n') >= 0 {
		f.settingLines(&text{src: t.Value, outer: f.text, node: t})
	}
	if strings.IndexByte(t.Value, '/') < 0 {
		return
	}
	if t.Style == yaml.Literal || t.Style == yaml.Folded || strings.IndexByte(t.Value, ' ') >= 0 {
		f.suspectText(n)
		return
	}
	if _, cut := f.masked(t); !cut && strong(t.Value) {
		f.remark(n, "suspect", t.Value, "looks like an image, in a field that plumb does not know",
			false)
	}
}

// suspectText remarks on the images in a longer text, such as a script.
func (f *finder) suspectText(n *yaml.Node) {
	t := target(n)
	f.suspectWords(&text{src: t.Value, outer: f.text, node: t})
}

// suspectWords remarks on the images in a text.
func (f *finder) suspectWords(t *text) {
	for i := 0; i < len(t.src); {
		slash := strings.IndexByte(t.src[i:], '/')
		if slash < 0 {
			return
		}
		start, end := word(t.src, i+slash, i)
		if w := strings.TrimRight(t.src[start:end], ".:"); strong(w) {
			f.remarkAt(t.offset(start), "suspect", w,
				"looks like an image, in a text that plumb does not know", false)
		}
		i = end
		if i <= start {
			i = start + 1
		}
	}
}

// settingLines remarks on the images in the lines of a text that are settings, as those of
// TOML, of properties and of environment files are, and that no host gives away.
func (f *finder) settingLines(t *text) {
	for start := 0; start < len(t.src); {
		end := len(t.src)
		if i := strings.IndexByte(t.src[start:], '\n'); i >= 0 {
			end = start + i
		}
		key, value, ok := strings.Cut(t.src[start:end], "=")
		key = strings.Trim(key, " \t\"")
		at := end - len(strings.TrimLeft(value, " \t\"'"))
		value = strings.Trim(value, " \t\r\"'")
		if ok && strings.IndexByte(key, ' ') < 0 && (imageKey(key) || imageVariable(key)) &&
			medium(value) && tagged(value) && !strong(value) && !picture(value) {
			f.remarkAt(t.offset(at), "suspect", value, "may be an image, by the name of its setting",
				false)
		}
		start = end + 1
	}
}

// word is the run of characters around s[at] that a reference may hold, not
// before from.
func word(s string, at, from int) (start, end int) {
	start, end = at, at+1
	for start > from && nameByte(s[start-1]) {
		start--
	}
	for end < len(s) && (nameByte(s[end]) || s[end] == '/') {
		end++
	}
	return start, end
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' ||
		c == '-' || c == '_' || c == ':' || c == '@'
}

// suspects remarks on what looks like an image anywhere below n.
func (f *finder) suspects(n *yaml.Node) {
	f.visits++
	if n == nil || f.visits > f.limit() || len(f.steps) > maxDepth {
		return
	}
	switch n.Kind {
	case yaml.Scalar:
		f.suspect(n)
	case yaml.Sequence:
		i := 0
		for c := n.FirstChild; c != nil; c = c.Next {
			f.steps = append(f.steps, step{"", i})
			if !f.catalogued(nil, "", c) {
				f.suspects(c)
			}
			f.steps = f.steps[:len(f.steps)-1]
			i++
		}
	case yaml.Mapping:
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			f.steps = append(f.steps, step{k.Value, -1})
			if !f.catalogued(n, k.Value, k.Next) {
				f.suspects(k.Next)
			}
			f.steps = f.steps[:len(f.steps)-1]
		}
	}
}
