package manifest

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// ask is a place whose value kustomize puts into an image: a replacement, or a var. It is
// an error until its source is found, and judged as the image that it becomes.
type ask struct {
	kind, name   string // of the object that is the source; "" is any
	field        string // "data.image", as kustomize writes paths
	variable     string // "$(IMAGE)": of a var, which counts only if an image has it
	loose        bool   // the name may have a prefix or suffix
	how          askedAs
	index        int  // of the element between slashes that it becomes
	cut          bool // it is not followed
	soft         bool // it may be no image: what does not look like one is left alone
	line, column int  // of the place, and of the remark that says so
}

// askedAs says what the source of an ask becomes.
type askedAs uint8

const (
	asImage   askedAs = iota // an image
	asTag                    // the tag of one, which has to have a digest
	asElement                // the host, or another element between slashes, before the last
)

// element is what can stand between slashes in an image's name, and change nothing else.
var element = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]*$`)
})

// links is how a file's images depend on other files, by kustomize.
type links struct {
	component bool         // it changes the objects of the kustomizations that use it
	asks      []ask        // sources of its images
	answers   map[int]bool // the scanner's questions that it has the source for
}

// replacements searches the values that kustomize copies into fields of objects.
func (f *finder) replacements(m *yaml.Node) {
	f.each(m, "replacements", func(r *yaml.Node) {
		n := f.folded(r, "path")
		_, name := str(n)
		f.inField("path", func() { f.useFile(n, name, asReplacement) })
		f.replacement(r)
	})
}

// replacementFile searches a file of replacements, which holds a list or a single one.
func (f *finder) replacementFile(root *yaml.Node) {
	if root.Kind != yaml.Sequence {
		f.replacement(root)
		return
	}
	items(root, func(i int, r *yaml.Node) { f.inIndex(i, func() { f.replacement(r) }) })
}

func (f *finder) replacement(r *yaml.Node) {
	source, value := f.folded(r, "source"), f.folded(r, "sourceValue")
	f.each(r, "targets", func(t *yaml.Node) {
		options := f.folded(t, "options")
		f.each(t, "fieldPaths", func(p *yaml.Node) {
			n, written := str(p)
			to := fieldPath(written)
			where := placeOf(to)
			switch {
			case where == elsewhere:
				if f.overwritten(generated{}, to...) {
					f.replaces(n, ask{cut: true}, written, "changes by a replacement and becomes an image by "+
						"another, which plumb does not follow")
				}
			case where == anImage && f.foldedText(options, "delimiter") != "":
				f.replacesElement(n, written, f.source(source), options)
			case value != nil:
				f.put(t, to, value)
			case where == aPart:
				a := f.source(source)
				a.how = asTag
				f.replaces(n, a, written, "is a part of an image that a replacement changes, and "+
					"no source with a digest is found in the tree: replace the whole image")
			default:
				f.replacedBy(n, to, source)
			}
		})
	})
}

// replacesElement remarks on the image that the path written at n leads to, an element of
// which is replaced. Only those between slashes leave tag and digest alone.
func (f *finder) replacesElement(n *yaml.Node, written string, a ask, options *yaml.Node) {
	index := f.folded(options, "index")
	at, err := strconv.Atoi(f.foldedText(options, "index"))
	a.how, a.index = asElement, max(at, 0)
	a.cut = a.cut || f.foldedText(options, "delimiter") != "/" || err != nil && index != nil
	f.replaces(n, a, written, "is an image of which a replacement with a delimiter changes a "+
		"part, which plumb does not follow: replace the whole image")
}

// replacedBy remarks on the image, or what holds images, that n leads to by the path to,
// and that is replaced by what source selects.
func (f *finder) replacedBy(n *yaml.Node, to []string, source *yaml.Node) {
	a := f.source(source)
	if placeOf(to) == aHolder {
		fromKey, _ := lastKeys(fieldPath(a.field))
		if toKey, _ := lastKeys(to); fromKey == toKey {
			return
		}
	}
	written := strings.Trim(a.kind+"/"+a.name, "/") + " " + a.field
	a.cut = a.cut || placeOf(to) != anImage
	f.replaces(n, a, written, "becomes an image by a replacement, and is not found in the tree "+
		"as one: write the image there, pinned")
}

// source is the place that source selects.
func (f *finder) source(source *yaml.Node) ask {
	a := ask{kind: f.foldedText(source, "kind"), name: f.foldedText(source, "name"),
		field: f.foldedText(source, "fieldPath")}
	if a.field == "" {
		a.field = "metadata.name"
	}
	a.cut = f.foldedText(f.folded(source, "options"), "delimiter") != ""
	return a
}

// replaces remarks on a value that goes into an image. The remark is taken back if a, the
// source of the value, is found.
func (f *finder) replaces(n *yaml.Node, a ask, written, message string) {
	f.claim(n)
	f.remark(n, "uneditable", written, message, true)
	f.ask(a, n)
}

func (f *finder) ask(a ask, n *yaml.Node) {
	a.line, a.column = (&positions{src: f.file.src}).of(f.text.offset(n.Start))
	f.asks = append(f.asks, a)
}

// vars searches the variables of a kustomization. One is followed if an image has it.
func (f *finder) vars(root *yaml.Node) {
	f.each(root, "vars", func(v *yaml.Node) {
		n, name := str(f.folded(v, "name"))
		if name == "" {
			return
		}
		object := f.folded(v, "objref")
		a := ask{kind: f.foldedText(object, "kind"), name: f.foldedText(object, "name"),
			field:    f.foldedText(f.folded(v, "fieldref"), "fieldPath"),
			variable: "$(" + name + ")"}
		if a.field == "" {
			a.field = "metadata.name"
		}
		f.ask(a, n)
	})
}

// fieldPath splits a path as kustomize does: at dots, but for those in brackets and those
// behind a backslash.
func fieldPath(s string) []string {
	var out []string
	var part strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && s[i+1] == '.':
			part.WriteByte('.')
			i++
		case c == '.' && depth == 0:
			out = append(out, part.String())
			part.Reset()
		default:
			switch c {
			case '[':
				depth++
			case ']':
				depth--
			}
			part.WriteByte(c)
		}
	}
	return append(out, part.String())
}

// named reports whether an object called have is the one that is asked for. If none is
// called so exactly, it may go by its name with a prefix or suffix.
func (a ask) named(have string) bool {
	return a.name == "" || have == a.name ||
		a.loose && have != "" && strings.Contains(a.name, have)
}

// judge judges the scalar n, which the i-th question of the scanner asks for as an image.
// What is filled in from elsewhere is no answer.
func (f *finder) judge(i int, n *yaml.Node) bool {
	t, s := str(n)
	if _, cut := f.masked(t); cut || s == "" || templateIn(s) != "" ||
		f.scanner.wanted[i].soft && !medium(s) {
		return false
	}
	switch f.scanner.wanted[i].how {
	case asTag:
		if !strings.Contains(s, "@sha256:") && !strings.HasPrefix(s, "sha256:") {
			return false
		}
	case asElement:
		if !element().MatchString(s) {
			return false
		}
	default:
		f.containerImage(n)
	}
	f.answer(i)
	return true
}

// asked judges v, an entry of a ConfigMap or Secret that kustomize makes, and reports
// whether it is asked for.
func (f *finder) asked(made generated, key string, v *yaml.Node) bool {
	found := false
	for i, a := range f.scanner.wanted {
		if rest, ok := a.below([]string{"data", key}); ok && len(rest) == 0 && a.of(made) {
			found = f.judge(i, v) || found
		}
	}
	return found
}

// of reports whether what is asked for may be that of an object which kustomize makes.
func (a ask) of(made generated) bool {
	return made.kind == "" || (a.kind == "" || a.kind == made.kind) && a.named(made.name)
}

// sought searches the fields of an object that are asked for. A patch is for objects that
// it need not name.
func (f *finder) sought(root *yaml.Node, kind string) {
	for i, a := range f.scanner.wanted {
		is := (a.kind == "" || a.kind == kind) && a.named(field(root, "metadata", "name"))
		if is || f.patching || f.as&asBody != 0 {
			f.soughtBelow(i, root, fieldPath(a.field))
		}
	}
}

// changed searches the value that kustomize puts at path for what is asked for.
func (f *finder) changed(value *yaml.Node, path ...string) {
	for i, a := range f.scanner.wanted {
		if rest, ok := a.below(path); ok {
			f.soughtBelow(i, value, rest)
		}
	}
}

// soughtBelow judges what path leads to from n, for the i-th question.
func (f *finder) soughtBelow(i int, n *yaml.Node, path []string) {
	steps := f.steps
	defer func() { f.steps = steps }()
	for _, key := range path {
		if n = below(n, key); n == nil {
			return
		}
		f.steps = append(f.steps, step{key, -1})
	}
	f.judge(i, n)
}

// overwritten reports whether what is asked for stands at path, or below it, in an object
// that kustomize makes or changes.
func (f *finder) overwritten(made generated, path ...string) bool {
	over := false
	for i, a := range f.scanner.wanted {
		if _, ok := a.below(path); ok && !a.soft && a.of(made) {
			f.answer(i)
			over = true
		}
	}
	return over
}

// below is the rest of the path of what is asked for, if it starts with path. Positions in
// lists may be the same whatever they look like.
func (a ask) below(path []string) (rest []string, ok bool) {
	full := fieldPath(a.field)
	if len(path) > len(full) {
		return nil, false
	}
	for i, key := range path {
		if key != full[i] && !(isPosition(key) && isPosition(full[i])) {
			return nil, false
		}
	}
	return full[len(path):], true
}

// below is the field, or the item of a list, that an element of a path leads to.
func below(n *yaml.Node, key string) *yaml.Node {
	if n = target(n); n == nil || n.Kind != yaml.Sequence {
		return get(n, key)
	}
	var found *yaml.Node
	at, err := strconv.Atoi(key)
	name, value, _ := strings.Cut(strings.Trim(key, "[]"), "=")
	items(n, func(i int, item *yaml.Node) {
		if err == nil && i == at || err != nil && name != "" && field(item, name) == value {
			found = item
		}
	})
	return found
}

// answer notes that what the i-th of the scanner's questions asks for is in this file.
func (f *finder) answer(i int) {
	if f.answers == nil {
		f.answers = map[int]bool{}
	}
	f.answers[i] = true
}
