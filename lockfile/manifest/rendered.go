package manifest

import (
	"path"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/gotemplate"
)

// outcome is the text that a template yields, with the pieces that it is made of.
type outcome struct {
	text   string
	starts []int // of the pieces, in text
	pieces []gotemplate.Piece
}

// maxVariants is how many ways through a template's branches are followed.
const maxVariants = 4

// variant writes out pieces; of alternatives, the one with this number.
func variant(ps []gotemplate.Piece, number int) (o *outcome, more bool) {
	o = &outcome{}
	var b strings.Builder
	var add func(ps []gotemplate.Piece)
	add = func(ps []gotemplate.Piece) {
		for _, p := range ps {
			if p.Alts != nil {
				more = more || number+1 < len(p.Alts)
				add(p.Alts[min(number, len(p.Alts)-1)])
				continue
			}
			o.starts = append(o.starts, b.Len())
			o.pieces = append(o.pieces, p)
			b.WriteString(p.Text)
			if p.Why == "" {
				continue
			}
			if t := b.String(); strings.TrimSpace(t[strings.LastIndexByte(t, '\n')+1:]) != "" {
				b.WriteString(unknownText)
			}
		}
	}
	add(ps)
	o.text = b.String()
	return o, more
}

// unknownText stands for text that is not known, unless it begins a line: there, it may be
// lines of their own.
const unknownText = "unknown"

// over are the pieces that text[start:end] is made of.
func (o *outcome) over(start, end int) []gotemplate.Piece {
	i := sort.SearchInts(o.starts, start+1) - 1
	var out []gotemplate.Piece
	for i = max(i, 0); i < len(o.pieces) && o.starts[i] < end; i++ {
		stop := len(o.text)
		if i+1 < len(o.starts) {
			stop = o.starts[i+1]
		}
		if stop > start || o.starts[i] == start && o.pieces[i].Why != "" {
			p := o.pieces[i]
			if from := start - o.starts[i]; from > 0 && from < len(p.Text) {
				p.From.Offset += from
				p.Text = p.Text[from:]
			}
			out = append(out, p)
		}
	}
	return out
}

// rendered judges what a template yields.
func (r *filler) rendered(c *chart, t *File, ps []gotemplate.Piece) {
	for number := 0; number < maxVariants; number++ {
		o, more := variant(ps, number)
		r.printedFiles(c, o)
		r.scanOutcome(t, o)
		if !more {
			return
		}
	}
}

// printedFiles reports files that a template prints as objects, and that plumb has not
// read.
func (r *filler) printedFiles(c *chart, o *outcome) {
	for i, p := range o.pieces {
		name, ok := strings.CutPrefix(p.Why, gotemplate.FileText)
		start := o.starts[i]
		if p.Why == "" || !ok && !strings.HasPrefix(p.Why, "a file ") {
			continue
		}
		if start > 0 && o.text[start-1] != '\n' || ok && Candidate(name) {
			continue // a part of a text, or a manifest that is read by itself
		}
		if ok {
			name = path.Join(c.dir, name)
		} else {
			name = p.Why
		}
		r.severe(p.Site, name, "is printed as it is, and plumb cannot tell what it holds")
	}
}

// emptyImage matches an image's field that has no value.
var emptyImage = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`(?m)["']?[iI]mage["']?[ \t]*:[ \t]*(""|'')?[ \t\r]*([,}\]]|$)`)
})

// unfilled reports placeholders that are empty when they are filled in.
func (r *filler) unfilled(o *outcome) {
	for _, m := range emptyImage().FindAllStringIndex(o.text, -1) {
		ps := o.over(m[0], m[0]+1)
		if len(ps) == 0 || !ps[0].Plain {
			continue
		}
		if written := r.placeholderAt(ps[0].From); written != "" {
			r.severe(ps[0].From, written,
				"is filled in by a Helm template: nothing in the tree fills it")
		}
	}
}

// scanOutcome searches what a template yields, and judges each image that actions have a
// part in.
func (r *filler) scanOutcome(t *File, o *outcome) {
	if !strings.Contains(o.text, "mage") && !strings.Contains(o.text, "MAGE") &&
		!mentionsSources(o.text) {
		return
	}
	r.unfilled(o)
	found, remarks := r.scanner.scanRendered(t.Path, o.text)
	for _, f := range found {
		end := min(f.offset+len(f.Reference.Reference)+2, len(o.text))
		if nl := strings.IndexByte(o.text[f.offset:end], '\n'); nl > 0 {
			end = f.offset + nl
		}
		r.judge(f.Reference, o.over(f.offset, end))
	}
	for _, m := range remarks {
		if m.Rule == "uneditable" {
			r.judgeRemark(m, o.over(m.offset, min(m.offset+len(m.Reference), len(o.text))))
		}
	}
}

// judge judges an image that a template yields, by what it is made of.
func (r *filler) judge(ref Reference, ps []gotemplate.Piece) {
	site, plain := siteOf(ps)
	for _, p := range ps {
		if p.Why != "" {
			r.severe(site, ref.Reference, "is filled in by a Helm template: "+p.Why)
			return
		}
	}
	if plain {
		if r.seen(ps[0].From, ref.Reference) {
			return
		}
		site = ps[0].From
	}
	if ref.Source != nil {
		r.addSource(site, ref)
		return
	}
	for _, p := range ps {
		known := r.valueAt(p)
		if known == nil {
			continue
		}
		if known.Digest == "" || known.Digest == ref.Digest && known.Tracked == ref.Tracked {
			return // it is judged there
		}
	}
	ref.Editable = false
	why := "a chart's template puts it together; write it in the values, with its digest"
	if from, ok := single(ps, ref.Reference); ok {
		site, why = from, "a chart's template prints it as an image; write its digest behind it"
	}
	if ref.Why == "" {
		ref.Why = why
	}
	r.add(site, ref)
}

// judgeRemark reports a place in what a template yields that is no image.
func (r *filler) judgeRemark(m noted, ps []gotemplate.Piece) {
	site, plain := siteOf(ps)
	if len(ps) == 0 || plain && r.seen(ps[0].From, m.Reference) {
		return
	}
	if plain {
		site = ps[0].From
	}
	r.severe(site, m.Reference, m.Message)
}

// siteOf is the first action that printed one of the pieces. plain: none did.
func siteOf(ps []gotemplate.Piece) (site gotemplate.Origin, plain bool) {
	plain = true
	for _, p := range ps {
		if p.Plain || p.Text == "" && p.Why == "" || strings.Trim(p.Text, `"' `+"\n") == "" && p.Why == "" {
			continue
		}
		if plain {
			site, plain = p.Site, false
		}
	}
	return site, plain
}

// single is the place of the one value, or file, that is all of a text.
func single(ps []gotemplate.Piece, text string) (gotemplate.Origin, bool) {
	for _, p := range ps {
		if strings.Contains(p.Text, text) && !p.Plain && !p.Computed && p.From != p.Site {
			at := p.From
			if i := strings.Index(p.Text, text); len(p.Text) > len(text)+2 {
				at.Offset += i
			}
			return at, true
		}
	}
	return gotemplate.Origin{}, false
}

// scanRendered finds what a template's outcome holds, with offsets.
func (s *Scanner) scanRendered(name, src string) ([]found, []noted) {
	f := &finder{scanner: s, path: name}
	f.original = src
	f.file = &text{src: src}
	f.text = f.file
	docs, err := s.parser.Parse(src)
	if err != nil {
		f.templateLines()
		return f.found, f.remarks
	}
	var out File
	for _, d := range docs {
		f.document(d, false, &out)
	}
	return f.found, f.remarks
}
