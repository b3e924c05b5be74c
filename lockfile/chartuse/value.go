package chartuse

import (
	"maps"
	"slices"
	"strings"
)

// value is what an expression can yield: any of these.
type value struct {
	roots    []string // the root object of a chart, with .Values, by the path of its values
	paths    []string // the values at these paths
	computed bool     // a function has changed them
	texts    []string
	printed  [][]token          // texts that are put together
	maps     []map[string]value // and lists, by position
}

// or is a value that is v or w.
func (v value) or(w value) value {
	v.roots = union(v.roots, w.roots)
	v.computed = v.computed || w.computed
	v.paths = union(v.paths, w.paths)
	v.texts = union(v.texts, w.texts)
	v.printed = append(slices.Clip(v.printed), w.printed...)
	v.maps = append(slices.Clip(v.maps), w.maps...)
	if len(v.printed) > maxBranches || len(v.maps) > maxBranches {
		v.printed = v.printed[:min(len(v.printed), maxBranches)]
		v.maps = v.maps[:min(len(v.maps), maxBranches)]
	}
	return v
}

// maxBranches is how many texts or mappings a value is at most.
const maxBranches = 16

// maxTexts is how many texts of an expression are told apart.
const maxTexts = 4

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}

// walk is the value at keys in v.
func (v value) walk(keys ...string) value {
	for _, key := range keys {
		var out value
		for _, p := range v.paths {
			out.paths = union(out.paths, []string{strings.TrimPrefix(p+"."+key, ".")})
			if key == "global" {
				out.paths = union(out.paths, []string{key}) // which dependencies share
			}
		}
		out.computed = v.computed
		if key == "Values" {
			out.paths = union(out.paths, v.roots)
		}
		for _, m := range v.maps {
			if key == "*" {
				for _, k := range slices.Sorted(maps.Keys(m)) {
					out = out.or(m[k])
				}
			} else if e, ok := m[key]; ok {
				out = out.or(e)
			}
		}
		v = out
	}
	return v
}

// item is any item or entry of v.
func (v value) item() value { return v.walk("*") }

// change is v once a function has made something else of it.
func (v value) change() value {
	out := value{paths: v.paths, computed: true}
	for _, seq := range v.printed {
		for _, t := range seq {
			out.paths = union(out.paths, t.paths)
		}
	}
	return out
}

// tokens is what an action prints of v.
func (v value) tokens(file string, line int) []token {
	var alts [][]token
	for i, text := range v.texts {
		if i < maxTexts && (len(v.paths) == 0 || text == "") {
			alts = append(alts, []token{{text: text}})
		}
	}
	if len(v.paths) > 0 {
		alts = append(alts, []token{{value: true, paths: v.paths, computed: v.computed,
			file: file, line: line}})
	}
	alts = append(alts, v.printed...)
	switch len(alts) {
	case 0:
		return []token{{value: true}}
	case 1:
		return alts[0]
	}
	out := []token{{mark: opened}}
	for i, a := range alts {
		if i > 0 {
			out = append(out, token{mark: next})
		}
		out = append(out, a...)
	}
	return append(out, token{mark: closed})
}

// trimmed is tokens without the space around them, in every branch.
func trimmed(out []token) []token {
	out = slices.Clone(out)
	trimStart(out)
	trimEnd(out)
	return out
}

func trimStart(out []token) {
	for i := 0; i < len(out); i++ {
		t := &out[i]
		switch {
		case t.value || t.mark == next:
			return
		case t.mark == opened:
			end, empty := trimBranches(out, i, trimStart)
			if !empty {
				return
			}
			i = end
		default:
			if t.text = strings.TrimLeft(t.text, " \t\r\n"); t.text != "" {
				return
			}
		}
	}
}

// trimBranches trims each of the branches that out[i] opens. It returns the index of the
// mark behind them, and whether nothing may be left of what they print.
func trimBranches(out []token, i int, trim func([]token)) (end int, empty bool) {
	starts, end := branches(out, i)
	empty = end < len(out) && out[end].mark == skipped
	for n, s := range starts {
		last := end
		if n+1 < len(starts) {
			last = starts[n+1] - 1
		}
		trim(out[s:last])
		empty = empty || blank(out[s:last])
	}
	return end, empty
}

func trimEnd(out []token) {
	for i := len(out) - 1; i >= 0; i-- {
		t := &out[i]
		switch {
		case t.value || t.mark == opened:
			return
		case t.mark == closed || t.mark == skipped:
			start := opening(out, i-1)
			if _, empty := trimBranches(out, start, trimEnd); !empty {
				return
			}
			i = start
		case t.mark == 0:
			if t.text = strings.TrimRight(t.text, " \t\r\n"); t.text != "" {
				return
			}
		}
	}
}

// blank reports whether tokens print nothing.
func blank(out []token) bool {
	for _, t := range out {
		if t.value || t.text != "" {
			return false
		}
	}
	return true
}
