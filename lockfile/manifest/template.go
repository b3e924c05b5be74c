package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// mask is a span of a Helm template's action inside of a line.
type mask struct{ start, end int }

// hideActions hides the actions of a Helm template so that what is left can be read as
// YAML: bytes keep their places. An action alone on its lines becomes space;
// one beside other text becomes a word, and a mask says where.
func hideActions(src string) (string, []mask) {
	out := []byte(src)
	var masks []mask
	lines := aloneness{to: -1}
	for i := 0; ; {
		open := strings.Index(src[i:], "{{")
		if open < 0 {
			return string(out), masks
		}
		start := i + open
		end := len(src)
		closing := "}}"
		if strings.HasPrefix(src[start:], "{{/*") || strings.HasPrefix(src[start:], "{{- /*") {
			closing = "*/"
		}
		if c := strings.Index(src[start:], closing); c >= 0 {
			end = start + c + len(closing)
		}
		if closing == "*/" {
			if c := strings.Index(src[end:], "}}"); c >= 0 {
				end += c + 2
			}
		}
		fill := byte(' ')
		if !lines.of(src, start, end) {
			fill = 'x'
			masks = append(masks, mask{start, end})
		}
		for j := start; j < end; j++ {
			if out[j] != '\n' && out[j] != '\r' {
				out[j] = fill
			}
		}
		i = end
	}
}

// aloneness remembers the lines that were looked at last: a text of one long line may
// have thousands of actions.
type aloneness struct {
	from, to int
	alone    bool
}

// of reports whether the lines of src[start:end] hold nothing but actions.
func (a *aloneness) of(src string, start, end int) bool {
	if a.from <= start && end <= a.to {
		return a.alone
	}
	a.from = strings.LastIndexByte(src[:start], '\n') + 1
	a.to = len(src)
	if i := strings.IndexByte(src[end:], '\n'); i >= 0 {
		a.to = end + i
	}
	a.alone = true
	rest := src[a.from:start] // and what is behind the action
	for behind := false; ; behind = true {
		for rest != "" {
			open := strings.Index(rest, "{{")
			if open < 0 {
				open = len(rest)
			}
			if strings.TrimSpace(rest[:open]) != "" {
				a.alone = false
				return false
			}
			c := strings.Index(rest[open:], "}}")
			if c < 0 {
				a.alone = open == len(rest)
				break
			}
			rest = rest[open+c+2:]
		}
		if behind {
			return a.alone
		}
		rest = src[end:a.to]
	}
}

// masked reports whether a template's action stands in the scalar n, and
// returns n's text as it was written.
func (f *finder) masked(n *yaml.Node) (string, bool) {
	if len(f.masks) == 0 || n == nil {
		return "", false
	}
	start, end := f.text.offset(n.Start), f.text.offset(max(n.Start, n.End-1))+1
	for _, m := range f.masks {
		if m.start < end && start < m.end {
			return f.original[start:min(end, len(f.original))], true
		}
	}
	return "", false
}

// written is the text of a scalar as people wrote it, templates included.
func (f *finder) written(n *yaml.Node) string {
	t, s := str(n)
	if original, cut := f.masked(t); cut {
		return original
	}
	return s
}

// templateLines searches the lines of a template that cannot be read as YAML,
// one by one, for images that are written out.
func (f *finder) templateLines() {
	for start := 0; start < len(f.original); {
		end := len(f.original)
		if i := strings.IndexByte(f.original[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := f.original[start:end]
		trimmed := strings.TrimLeft(line, " -")
		if strings.HasPrefix(trimmed, "image:") {
			f.templateLine(start+len(line)-len(trimmed), strings.TrimRight(trimmed, "\r"))
		}
		start = end + 1
	}
}

func (f *finder) templateLine(at int, line string) {
	masks := f.masks
	f.masks = nil
	defer func() { f.masks = masks }()
	docs, err := f.scanner.inner(0).Parse(line)
	if err != nil || len(docs) != 1 || strings.Contains(line, "{{") {
		if strings.Contains(line, "{{") {
			f.remarkAt(at, "uneditable", strings.TrimSpace(strings.TrimPrefix(line, "image:")),
				"is filled in by a Helm template", false)
			f.remarks[len(f.remarks)-1].open = true
		}
		return
	}
	f.text = &text{src: line, outer: f.file, base: at}
	f.claimed = nil
	if root := docs[0].Root; root != nil && root.Kind == yaml.Mapping {
		first := len(f.found)
		f.inField("image", func() { f.containerImage(get(root, "image")) })
		for i := range f.found[first:] {
			f.found[first+i].target = nil
		}
	}
	f.text = f.file
}
