package manifest

import (
	"path"
	"strings"
	"unicode/utf8"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// generator searches a ConfigMap or Secret that kustomize makes.
func (f *finder) generator(g *yaml.Node, kind string) {
	made := generated{kind, f.foldedText(g, "name")}
	f.each(g, "literals", func(n *yaml.Node) { f.literal(made, n) })
	f.each(g, "files", func(n *yaml.Node) {
		_, s := str(n)
		key, file, named := strings.Cut(s, "=")
		if !named {
			key, file = path.Base(s), s
		}
		if f.overwritten(made, "data", key) {
			f.remark(n, "uneditable", s, "is a file that becomes an image, which plumb does not "+
				"read so: write the image as a literal", true)
		}
		if strings.Contains(key, "values") {
			f.useFile(n, file, asValues)
		} else {
			f.useFile(n, file, asData)
		}
	})
	f.each(g, "envs", func(n *yaml.Node) {
		_, s := str(n)
		f.useFile(n, s, asEnv)
	})
	n := f.folded(g, "env")
	_, s := str(n)
	f.inField("env", func() { f.useFile(n, s, asEnv) })
	f.inField("options", func() {
		f.inField("annotations", func() {
			f.annotationMap(f.folded(f.folded(g, "options"), "annotations"))
		})
	})
}

// generated is a ConfigMap or Secret that kustomize makes; zero where that is not known.
type generated struct{ kind, name string }

// literal judges KEY=VALUE of a generator, whose value may have quotes around it.
func (f *finder) literal(made generated, n *yaml.Node) {
	t, s := str(n)
	key, value, ok := strings.Cut(s, "=")
	if !ok || f.claimed[n] {
		return
	}
	start, end := len(key)+1, len(s)
	if len(value) > 1 && value[0] == value[len(value)-1] && strings.ContainsAny(value[:1], `"'`) {
		start, end = start+1, end-1
	}
	f.claim(n)
	outer, first := f.text, len(f.found)
	f.text = &text{src: s, outer: outer, node: t}
	f.entry(made, key, &yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, Start: start, End: end,
		Value: s[start:end]})
	f.text = outer
	for i := range f.found[first:] {
		f.found[first+i].target, f.found[first+i].alias = t, n.Kind == yaml.Alias
	}
}

// entry judges an entry of a ConfigMap that kustomize makes.
func (f *finder) entry(made generated, key string, v *yaml.Node) {
	f.inField(key, func() {
		if !f.asked(made, key, v) {
			f.configEntry(key, v)
		}
	})
}

// scanData finds what src holds that kustomize makes entries of a ConfigMap from: one of
// each line, or one of the whole.
func (s *Scanner) scanData(n Named, src []byte) File {
	f := s.newFinder(n.Path)
	f.as, f.consumed = n.as, consumed(n.Path)
	out := File{Path: n.Path, as: n.as}
	if !utf8.Valid(src) {
		return out
	}
	f.original = borrow(src)
	f.file = &text{src: f.original}
	f.text = f.file
	if n.as&asEnv != 0 {
		f.envLines()
	}
	if n.as&asData != 0 {
		f.dataFile(&out)
	}
	out.finish(f)
	return out
}

// envLines judges the lines KEY=VALUE of a file.
func (f *finder) envLines() {
	src := f.file.src
	for start := 0; start < len(src); {
		end := len(src)
		if i := strings.IndexByte(src[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := strings.TrimSuffix(src[start:end], "\r")
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimLeft(strings.TrimPrefix(key, "\ufeff"), " \t\v\f")
		if ok && !strings.HasPrefix(key, "#") {
			to := start + len(line)
			f.entry(generated{}, key, &yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, Start: to - len(value),
				End: to, Value: value})
		}
		start = end + 1
	}
}

// dataFile searches a file that becomes one entry of a ConfigMap, as the entry is.
func (f *finder) dataFile(out *File) {
	src := f.original
	if f.consumed {
		f.read(src, plain, out) // which finds what others cannot parse
		f.file = &text{src: src}
		f.text, f.masks, f.compare = f.file, nil, never
	}
	key := path.Base(f.path)
	whole := &yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, End: len(src), Value: src}
	if strings.IndexByte(src, '\n') < 0 {
		f.inField(key, func() { f.configEntry(key, whole) })
		return
	}
	if strings.Contains(src, "mage") || strings.Contains(src, "IMAGE") {
		f.embed(whole, (*finder).configText)
	}
	if !f.claimed[whole] {
		f.suspectText(whole)
	}
}
