package manifest

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/gotemplate"
)

// Fill follows the placeholders of files, which are those of a whole tree, to what
// fills them, and judges that: it takes back remarks whose place is judged elsewhere, makes
// errors of those that cannot be followed, and adds references where something fills a
// placeholder that is no reference by itself. options are those of the scan.
func Fill(files []File, options Options) {
	r := &filler{files: files, scanner: NewScanner(options), incomplete: map[string]string{}}
	r.charts()
	r.openings()
	r.finish()
	linkSources(files)
}

// filler follows the placeholders of one tree.
type filler struct {
	files      []File
	scanner    *Scanner
	paths      map[string]*File // see at
	incomplete map[string]string

	references []Reference
	remarks    []Remark
	lines      map[*File][]int    // where the lines of a source start
	offers     map[string][]given // by whose placeholders they fill
	flux       []given            // the substitutions of Flux
	vars       []string           // of kustomizations, as they are written
}

// at is the file at a path, or nil. Most trees need it of none.
func (r *filler) at(path string) *File {
	if r.paths == nil {
		r.paths = make(map[string]*File, len(r.files))
		for i := range r.files {
			r.paths[r.files[i].Path] = &r.files[i]
		}
	}
	return r.paths[path]
}

// charts fills in the charts of the tree.
func (r *filler) charts() {
	all, texts := chartsOf(r.files)
	followed := map[string]bool{}
	for _, c := range all {
		if c.above != nil {
			continue
		}
		if !c.templated() {
			continue
		}
		set, faults := c.templateSet(texts)
		for _, b := range faults {
			r.incomplete[templatesOf(b.file.Path)] = b.err.Error()
		}
		for _, values := range c.renderings() {
			r.render(c, set, values, 0)
		}
		r.mark(c, followed, r.incomplete[c.dir])
	}
	for i := range r.files {
		f := &r.files[i]
		if f.role == chartTemplate {
			r.settle(f, followed[templatesOf(f.Path)])
		}
	}
}

// templated reports whether the chart, or one below it, has a template with actions.
func (c *chart) templated() bool {
	for _, t := range c.templates {
		if strings.Contains(t.source, "{{") {
			return true
		}
	}
	return slices.ContainsFunc(c.below, (*chart).templated)
}

// mark notes the charts whose templates are followed in full.
func (r *filler) mark(c *chart, followed map[string]bool, incomplete string) {
	incomplete = cmp.Or(incomplete, r.incomplete[c.dir])
	followed[c.dir] = incomplete == ""
	for _, b := range c.below {
		r.mark(b, followed, incomplete)
	}
}

// settle takes back the remarks at a template's actions if they were followed, and makes
// errors of them if not.
func (r *filler) settle(f *File, followed bool) {
	var kept []Remark
	for _, m := range f.Remarks {
		if m.open && followed && strings.Contains(m.Reference, "{{") {
			continue
		}
		m.Severe = m.Severe || m.open
		kept = append(kept, m)
	}
	f.Remarks = kept
}

// position turns an origin into a line and a column.
func (r *filler) position(o gotemplate.Origin) (f *File, line, column int) {
	if f = r.at(o.File); f == nil || f.source == "" {
		return nil, 0, 0
	}
	if r.lines == nil {
		r.lines = map[*File][]int{}
	}
	starts := r.lines[f]
	if starts == nil {
		starts = []int{0}
		for i := range len(f.source) {
			if f.source[i] == '\n' {
				starts = append(starts, i+1)
			}
		}
		r.lines[f] = starts
	}
	i, exact := slices.BinarySearch(starts, o.Offset)
	if !exact {
		i--
	}
	return f, i + 1, o.Offset - starts[i] + 1
}

// seen reports whether a scan found the image that a template has at o as it is.
func (r *filler) seen(o gotemplate.Origin, written string) bool {
	f, line, _ := r.position(o)
	if f == nil {
		return false
	}
	return slices.ContainsFunc(f.References, func(ref Reference) bool {
		return ref.Line == line && ref.Reference == written
	}) || slices.ContainsFunc(f.Remarks, func(m Remark) bool {
		return m.Line == line && m.Rule == "uneditable" && m.Reference == written
	})
}

// placeholderAt is the placeholder on a line of a template, or "".
func (r *filler) placeholderAt(o gotemplate.Origin) string {
	f, line, _ := r.position(o)
	if f == nil {
		return ""
	}
	for _, m := range f.Remarks {
		if m.open && m.Line == line {
			return m.Reference
		}
	}
	return ""
}

// valueAt is the reference that a scan found where a piece comes from, or nil.
func (r *filler) valueAt(p gotemplate.Piece) *Reference {
	if p.Plain || p.From == p.Site {
		return nil
	}
	f, line, column := r.position(p.From)
	if f == nil {
		return nil
	}
	for i := range f.References {
		ref := &f.References[i]
		if ref.Line == line && ref.Column <= column &&
			column <= ref.Column+len(ref.Reference)+2 {
			return ref
		}
	}
	return nil
}

// severe adds an error at a place.
func (r *filler) severe(at gotemplate.Origin, written, message string) {
	if f, line, column := r.position(at); f != nil {
		r.remarks = append(r.remarks, Remark{File: f.Path, Line: line, Column: column,
			Rule: "uneditable", Severe: true, Reference: oneLine(written), Message: message})
	}
}

// add adds a reference at a place.
func (r *filler) add(at gotemplate.Origin, ref Reference) {
	if f, line, column := r.position(at); f != nil {
		ref.File, ref.Line, ref.Column, ref.site = f.Path, line, column, site{}
		r.references = append(r.references, ref)
	}
}

// finish puts what was added into the files, in order and once.
func (r *filler) finish() {
	byFile := map[*File]bool{}
	for _, ref := range r.references {
		f := r.at(ref.File)
		same := func(o Reference) bool {
			return o.Line == ref.Line && o.Column == ref.Column && o.Tracked == ref.Tracked &&
				o.Digest == ref.Digest
		}
		if !byFile[f] {
			f.References = slices.Clone(f.References)
			byFile[f] = true
		}
		if !slices.ContainsFunc(f.References, same) {
			f.References = append(f.References, ref)
		}
	}
	for _, m := range r.remarks {
		f := r.at(m.File)
		same := func(o Remark) bool {
			return o.Line == m.Line && o.Column == m.Column && o.Rule == m.Rule &&
				o.Reference == m.Reference
		}
		if !byFile[f] {
			f.References, f.Remarks = slices.Clone(f.References), slices.Clone(f.Remarks)
			byFile[f] = true
		}
		if !slices.ContainsFunc(f.Remarks, same) {
			f.Remarks = append(f.Remarks, m)
		}
	}
	for f := range byFile {
		slices.SortStableFunc(f.References, func(a, b Reference) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		slices.SortStableFunc(f.Remarks, func(a, b Remark) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
	}
}

// printsFiles notes the files of its chart that a template prints.
func (f *finder) printsFiles(src []byte) {
	if !bytes.Contains(src, []byte(".Files.")) {
		return
	}
	for _, name := range gotemplate.Files(borrow(src)) {
		f.use(nil, "/"+path.Join(templatesOf(f.path), name), asText)
	}
}

// maxSource bounds the text that is kept of a file.
const maxSource = 4 << 20

// keep keeps the text of a file that fills placeholders in others, or has them filled.
func (out *File) keep(src []byte) {
	switch {
	case len(src) > maxSource:
	case out.role == chartTemplate, out.role == chartFile, out.as&(asValues|asText) != 0:
		out.source = string(src)
	}
}
