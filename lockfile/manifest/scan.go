package manifest

import (
	"cmp"
	"path"
	"strings"
	"unsafe"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Options widen what a scan looks for. The zero Options are the defaults.
type Options struct {
	Fields []Field
	// Included reports whether plumb.yaml's include names the file, so that
	// text that is no manifest is searched all the same. Nil means never.
	Included func(path string) bool
}

// Field is a further place that holds images (plumb.yaml, fields).
type Field struct {
	APIGroup string // "" matches every group
	Kind     string // "" matches every kind
	Path     string // "spec.image", "spec.nodes[].image", "spec.*.image"

	// Where an image stands in parts, their keys below Path; all empty for a
	// plain string. A digest key called sha or sha256 takes hex digits only.
	Registry, Repository, Tag, Digest string
}

// Scanner finds references, one file at a time. One Scanner serves one goroutine.
type Scanner struct {
	opts   Options
	charts Charts
	parser yaml.Parser
	nested [maxEmbedded]yaml.Parser
	wanted []ask // sources of images that kustomizations ask for
	finder finder
	// thorough: what can be seen to hold no images is searched all the same, for tests.
	thorough bool
}

// NewScanner returns a Scanner for opts.
func NewScanner(opts Options) *Scanner { return &Scanner{opts: opts} }

// inner is the parser for texts that stand depth levels inside of others.
func (s *Scanner) inner(depth int) *yaml.Parser { return &s.nested[depth] }

// Candidate reports whether a file of this name may hold manifests.
func Candidate(name string) bool {
	base := path.Base(name)
	switch strings.ToLower(path.Ext(base)) {
	case ".yaml", ".yml", ".json":
		return true
	case ".gotmpl":
		return isHelmfile(name, base)
	}
	return base == "Kustomization" || base == "Kptfile"
}

// borrow reads src as a string without a copy. What is kept of it when the
// scan is over has to be cloned, since the caller may use src for the next file.
func borrow(src []byte) string { return unsafe.String(unsafe.SliceData(src), len(src)) }

// Scan finds what src holds. name is slash-separated and relative to the tree's root.
func (s *Scanner) Scan(name string, src []byte) File {
	f := s.newFinder(name)
	f.consumed = consumed(name)
	included := s.opts.Included != nil && s.opts.Included(name)
	return f.scan(src, included)
}

// ScanStream finds what a stream holds, which is what a tool has rendered. name is what
// its references call it.
func (s *Scanner) ScanStream(name string, src []byte) File {
	f := s.newFinder(name)
	f.consumed = true
	return f.scan(src, false)
}

// scan finds what src holds.
func (f *finder) scan(src []byte, included bool) File {
	out := File{Path: f.path, role: roleOf(f.path), as: f.as}
	if f.pointer(src, &out) {
		return out
	}
	out.keep(src)
	if out.role == chartTemplate {
		f.printsFiles(src)
	}
	if out.role == plain && f.as&^asText == 0 && !included && !f.consumed &&
		!mentionsObjects(borrow(src)) {
		return out
	}
	docs := f.read(borrow(src), out.role, &out)
	resolved := f.resolve(docs, func() []string { return documents(f.original) })
	if resolved.tooLarge {
		docs = nil
	}
	f.docs = docs
	for _, d := range docs {
		f.document(d, included, &out)
	}
	if f.consumed {
		f.linkText(docs)
	}
	if resolved.fault != nil && (out.manifest || resolved.object || f.as != 0) {
		f.unreadableAt(resolved.offset, resolved.fault.Error(), &out)
	}
	out.finish(f)
	return out
}

// scanValues finds what src holds, read as a Helm values file and nothing else.
func (s *Scanner) scanValues(name string, src []byte) File {
	f := s.newFinder(name)
	out := File{Path: name, role: valuesFile, as: asValues}
	if f.pointer(src, &out) {
		return out
	}
	out.keep(src)
	docs := f.read(borrow(src), valuesFile, &out)
	whole := func() []string { return []string{f.original} } // Helm does not split them
	r := f.resolve(docs, whole)
	if r.fault != nil {
		f.unreadableAt(r.offset, r.fault.Error(), &out)
	}
	if r.tooLarge {
		docs = nil
	}
	for _, d := range docs {
		if d.Root != nil {
			f.anchor(d.Root, f.file.src)
			f.steps = f.steps[:0]
			f.helmValues(d.Root, "")
		}
	}
	out.finish(f)
	return out
}

// detach makes r's text independent of the file that it was read from.
func (r *Reference) detach() {
	clone(&r.Kind, &r.Namespace, &r.Name, &r.Field, &r.Reference, &r.Tracked, &r.Digest, &r.Why,
		&r.Policy, &r.site.tag.old, &r.site.tag.before, &r.site.tag.after, &r.site.keep.old,
		&r.site.keep.before, &r.site.keep.after, &r.site.only.old, &r.site.only.before,
		&r.site.only.after)
	if s := r.Source; s != nil {
		clone(&s.URL, &s.Fetch, &s.Chart, &s.Repository, &s.Path, &s.Follows, &s.Pin, &s.By,
			&s.Together, &s.link.namespace, &s.link.name, &s.link.why, &s.content)
		for i := range s.edits {
			e := &s.edits[i]
			clone(&e.old, &e.before, &e.after)
		}
	}
}

func (r *Remark) detach() {
	clone(&r.Kind, &r.Namespace, &r.Name, &r.Field, &r.Reference, &r.Message)
}

// clone gives texts memory of their own, the same for all.
func clone(texts ...*string) {
	size := 0
	for _, t := range texts {
		size += len(*t)
	}
	var b strings.Builder
	b.Grow(size)
	for _, t := range texts {
		b.WriteString(*t)
	}
	all := b.String()
	for _, t := range texts {
		*t, all = all[:len(*t)], all[len(*t):]
	}
}

// lineBreaks12 replaces, byte for byte, the characters that end a line in
// YAML 1.1 and no longer do in 1.2 (section 5.4), most often in comments.
var lineBreaks12 = strings.NewReplacer("\u0085", "\u00b7", "\u2028", "\u2027", "\u2029", "\u2027")

// otherwise returns a text that YAML 1.1 refuses as YAML 1.2 or JSON would have
// it, of the same length, or src itself.
func otherwise(src string) string {
	if strings.Contains(src, "\u0085") || strings.Contains(src, "\u2028") ||
		strings.Contains(src, "\u2029") {
		src = lineBreaks12.Replace(src)
	}
	return withoutSurrogates(src)
}

// read parses a file, by way of its template if it is one.
func (f *finder) read(src string, r role, out *File) []yaml.Document {
	if text, ok := fromUTF16(src); ok {
		src, f.encoding = text, whyUTF16
	}
	f.original = src
	template := strings.Contains(src, "{{")
	f.file = &text{src: src}
	f.text = f.file
	var docs []yaml.Document
	if !template || r != chartTemplate && r != helmfileFile {
		var err error
		if docs, err = f.parse(&f.scanner.parser); err == nil {
			return docs
		}
		if !template || r == plain && holdsObject(src) {
			f.unreadable(err, r, out)
			return docs
		}
	}
	hidden, masks := hideActions(f.file.src)
	hiddenDocs, err := f.scanner.parser.Parse(hidden)
	if err != nil {
		out.manifest = r == chartTemplate || declaringLine(src)
		if r != plain || namesFields(src) {
			f.templateLines()
		}
		if r == chartTemplate {
			return nil
		}
		docs, plainErr := f.parse(&f.scanner.parser) // those before the fault
		if r == helmfileFile && plainErr != nil {
			f.unreadableAt(0, "cannot be parsed without its templates: "+err.Error(), out)
		}
		return docs
	}
	f.file.src, f.masks, f.filled = hidden, masks, true
	return hiddenDocs
}

// parse parses the file's text, or what stands for it where YAML 1.1 refuses it.
func (f *finder) parse(p *yaml.Parser) ([]yaml.Document, error) {
	src := f.original
	stream, err := p.ParseStream(src)
	f.file.src = stream.Text
	if err == nil {
		f.compare = comparing(stream.Plain)
		return stream.Documents, nil
	}
	if other := otherwise(stream.Text); other != stream.Text {
		if docs, err := p.Parse(other); err == nil {
			f.file.src, f.compare = other, always
			return docs, nil
		}
		stream, err = p.ParseStream(src)
	}
	return stream.Documents, err
}

// unreadable reports a file that should hold manifests, or that consumers would parse
// all the same, and that cannot be parsed.
func (f *finder) unreadable(err error, r role, out *File) {
	out.manifest = r != plain || declaresObject(f.original)
	if !out.manifest && (!f.consumed || templated(f.original)) {
		return
	}
	offset := 0
	if se, ok := err.(*yaml.SyntaxError); ok {
		offset = min(max(se.Offset, 0), len(f.original))
	}
	f.unreadableAt(offset, "cannot be parsed: "+err.Error(), out)
}

func (f *finder) unreadableAt(offset int, message string, out *File) {
	line, column := (&positions{src: f.original}).of(offset)
	out.Unreadable = &Remark{File: f.path, Line: line, Column: column, Rule: "unreadable",
		Severe: true, Message: message}
}

// document searches one document of a file.
func (f *finder) document(d yaml.Document, included bool, out *File) {
	root := d.Root
	if root == nil {
		return
	}
	if f.consumed && root.Kind == yaml.Scalar && mentionsObjects(root.Value) &&
		declaresObject(root.Value) {
		out.manifest = true
		f.unreadableAt(root.Start, "an object that YAML reads as one text", out)
	}
	f.anchor(root, f.file.src)
	f.steps, f.res = f.steps[:0], resource{}
	f.release("")
	if root.Kind == yaml.Sequence {
		// A JSON patch that a kustomization names, or a list of objects.
		f.operationsFile(root, included, out)
		return
	}
	version, kind := field(root, "apiVersion"), field(root, "kind")
	switch {
	case out.role == argoSource && (version == "" || kind == ""):
		f.res, _ = argoOverride(f.path)
		f.fields(root, "")
	case isKustomization(out.role, version, kind):
		f.res = resource{group: "kustomize.config.k8s.io", kind: kind,
			name: field(root, "metadata", "name")}
		if f.res.kind == "" {
			f.res.kind = "Kustomization"
		}
		out.manifest = true
		f.listItems(root)
		f.kustomization(root)
	case version != "" && kind != "":
		out.objects = true
		out.manifest = out.manifest || !emptyList(root, kind)
		f.object(root)
	case out.role == fleetFile:
		out.manifest = true
		f.fleet(root)
	case out.role == helmfileFile:
		out.manifest = f.helmfile(root) || out.manifest
	case out.role == chartFile, out.role == requirementsFile && f.as == 0:
		f.chartDependencies(root)
	case out.role == jsonnetFile && f.as == 0:
		f.jsonnetDependencies(root)
	case out.role == werfFile && f.as == 0:
		f.werfIncludes(root)
	case f.as&^asText != 0:
		out.manifest = true
		f.namedDocument(root)
	case included:
		out.manifest = true
		f.helmValues(root, "")
	case out.role == chartTemplate && len(f.masks) > 0:
		out.manifest = true
		f.fields(root, "")
	}
}

// operationsFile searches a file whose root is a sequence.
func (f *finder) operationsFile(root *yaml.Node, included bool, out *File) {
	items(root, func(i int, item *yaml.Node) {
		switch {
		case field(item, "apiVersion") != "" && field(item, "kind") != "":
			out.manifest = true
			f.member(item)
		case field(item, "op") != "" && get(item, "path") != nil:
			out.manifest = true
			f.inIndex(i, func() { f.operation(item) })
		case f.as&asReplacement != 0:
			out.manifest = true
			f.inIndex(i, func() { f.replacement(item) })
		case included:
			out.manifest = true
			f.inIndex(i, func() { f.helmValues(item, "") })
		}
	})
}

// finish moves what f found into the file.
func (out *File) finish(f *finder) {
	if f.visits > f.limit() {
		out.Unreadable = &Remark{File: f.path, Line: 1, Column: 1, Rule: "unreadable", Severe: true,
			Message: errTooLarge}
		return
	}
	out.References, out.Remarks = f.finish()
	for i := range out.References {
		r := &out.References[i]
		if f.encoding != "" {
			r.site = site{}
			r.uneditable(cmp.Or(r.ownWhy(), f.encoding))
		}
		r.detach()
	}
	for i := range out.Remarks {
		out.Remarks[i].detach()
	}
	out.offers = f.placeOffers()
	for _, dir := range f.charts {
		out.charts = append(out.charts, strings.Clone(dir))
	}
	for _, u := range f.uses {
		u.path = strings.Clone(u.path)
		out.uses = append(out.uses, u)
	}
	out.links = f.links
	for i := range out.asks {
		a := &out.asks[i]
		clone(&a.kind, &a.name, &a.field, &a.variable)
	}
}
