package manifest

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// resource is the Kubernetes object that is being searched.
type resource struct {
	group, kind, namespace, name string
}

// finder searches the documents of one file.
type finder struct {
	scanner  *Scanner
	path     string
	consumed bool // consumers parse the file, whatever it holds
	docs     []yaml.Document
	text     *text // what the nodes at hand were parsed from
	file     *text
	masks    []mask  // template actions that the file was parsed without
	original string  // the file with them
	encoding string  // why no byte of the file may be edited, "" if they may
	filled   bool    // the file is a template, and was parsed without its actions
	compare  compare // whether the text at hand is read with consumers' parser as well
	depth    int     // of embedded texts
	members  int     // of objects in objects
	visits   int

	scope
	charted
	values bool   // inside Helm values
	global string // registry that overrides those of Helm values, "" if none
	list   list   // that the object at hand is

	claimed map[*yaml.Node]bool // scalars, or aliases of them, that are part of a reference
	anchors map[*yaml.Node]anchor

	marked marks

	found    []found
	remarks  []noted
	uses     []use // files that this one names
	offers   []offer
	as       readAs // the ways in which others name this one
	patching bool   // the object at hand is a patch, for objects that it need not name
	plugged  bool   // what is named is in the configuration of a kustomize plugin
	links
}

// found is a reference together with what is needed to finish it.
type found struct {
	Reference
	offset int
	target *yaml.Node // the scalar that an edit would change
	alias  bool       // reached by an alias of target
}

// anchor says who reads a scalar that has one.
type anchor struct {
	aliases int
	inert   bool // it is defined under a key that only serves to define it ("x-…")
}

type noted struct {
	Remark
	offset int
}

const errTooLarge = "its aliases stand for too large a tree"

// limit is how many collections may be visited in this file.
func (f *finder) limit() int { return maxVisits + len(f.original) }

// claim marks scalars as belonging to a reference, so that they are not
// remarked upon a second time.
func (f *finder) claim(nodes ...*yaml.Node) {
	if f.claimed == nil {
		f.claimed = map[*yaml.Node]bool{}
	}
	for _, n := range nodes {
		if n != nil {
			f.claimed[n] = true
		}
	}
}

// begin starts a reference whose position is that of n.
func (f *finder) begin(n *yaml.Node, input lockfile.Kind, reference string) found {
	f.claim(n)
	return found{
		offset: f.text.offset(n.Start),
		target: target(n),
		alias:  n.Kind == yaml.Alias,
		Reference: Reference{
			File: f.path, Input: input,
			Kind: f.res.kind, Namespace: f.res.namespace, Name: f.res.name,
			Field: render(f.steps), Reference: reference, Policy: f.markerOf(n),
		},
	}
}

// end records a reference: name is what its parts say, s where it is pinned.
func (f *finder) end(r found, name string, s site) {
	n, err := oci.Parse(name)
	switch {
	case err != nil:
		r.Why = reason(err)
	default:
		r.Tracked, r.Digest = n.Tracked(), n.Digest
		r.site = s
		r.Editable = s.ok
		if n.Tag == "" {
			r.site.tag.state = tagReplaced // by the digest, or there was none
		}
	}
	if f.sealed != "" {
		r.Editable = false
		r.Why = f.sealed
	}
	if !r.Editable && r.Why == "" {
		r.Why = "its text is written in a form that cannot be edited safely"
	}
	f.found = append(f.found, r)
}

// unparsable says why name is no reference, "" if it is one.
func unparsable(name string) string {
	if _, err := oci.Parse(name); err != nil {
		return reason(err)
	}
	return ""
}

func reason(err error) string {
	var ne *oci.NameError
	if errors.As(err, &ne) {
		return ne.Reason
	}
	return err.Error()
}

// inline records the reference that stands in value[i:j] of the scalar n, outside of a
// container.
func (f *finder) inline(n *yaml.Node, i, j int, input lockfile.Kind) {
	f.named(n, i, j, nameUse{input: input})
}

// whole records the reference that the scalar n is.
func (f *finder) whole(n *yaml.Node, input lockfile.Kind) {
	v := target(n)
	f.inline(n, 0, len(v.Value), input)
}

// inlineSite plans how the reference name, which ends at byte j of v's value,
// is pinned: behind its tag, or in the place of the digest it has.
func (f *finder) inlineSite(v *yaml.Node, i, j int, name string) site {
	if !f.plainText(v) {
		return site{}
	}
	at := j
	tagged := true
	if k := strings.IndexByte(v.Value[i:j], '@'); k >= 0 {
		at = i + k
	} else {
		colon := strings.LastIndexByte(name, ':')
		tagged = colon > strings.LastIndexByte(name, '/')
	}
	keep, ok := f.slot(v, at, j, "@")
	if !ok {
		return site{}
	}
	if !tagged {
		keep.before = ":latest@"
	}
	base := v.Value[i:at]
	repoEnd := i + len(base)
	if colon := strings.LastIndexByte(base, ':'); colon > strings.LastIndexByte(base, '/') {
		repoEnd = i + colon
	}
	only, ok := f.slot(v, repoEnd, j, "@")
	if !ok {
		return site{keep: keep, only: keep, ok: true}
	}
	s := site{keep: keep, only: only, ok: true}
	s.tag = tagSite{slot: only, state: tagJoined}
	s.tag.before = ":"
	return s
}

// slot plans to put before and a digest in the place of value[i:j] of v.
func (f *finder) slot(v *yaml.Node, i, j int, before string) (slot, bool) {
	s, e, ok := f.text.part(v, i, j)
	if !ok {
		return slot{}, false
	}
	return slot{start: s, end: e, old: f.file.src[s:e], before: before}, true
}

// plainText reports whether v stays a string when its text changes.
func (f *finder) plainText(v *yaml.Node) bool {
	return v.Kind == yaml.Scalar && !v.Opaque && (v.Tag == "" || v.Tag == "!!str" || v.Tag == "!")
}

// placeholder reports whether what is written names nothing by itself, a
// template or a source import path, and remarks so.
func (f *finder) placeholder(n *yaml.Node, written string) bool {
	if f.template(n, written) {
		return true
	}
	if strings.HasPrefix(written, "ko://") || sourcePath(written) {
		f.claim(n)
		f.remark(n, "uneditable", written,
			"is a source import path that ko builds, not an image to pull", true)
		return true
	}
	return false
}

// template reports whether what is written is filled in elsewhere, and remarks so.
func (f *finder) template(n *yaml.Node, written string) bool {
	if original, cut := f.masked(target(n)); cut {
		f.claim(n)
		f.remarkOpen(n, original, "is filled in by a Helm template", false)
		return true
	}
	t := templateIn(written)
	if t == "" {
		return false
	}
	f.claim(n)
	f.noteParam(written)
	f.remarkOpen(n, written, "is filled in elsewhere ("+t+")",
		t == "variable" || f.policy && !kyvernoMirrors(written))
	return true
}

// remark notes a place that is no reference. severe: the verifier rejects it.
func (f *finder) remark(n *yaml.Node, rule, written, message string, severe bool) {
	f.remarkAt(f.text.offset(n.Start), rule, written, message, severe)
}

// remarkOpen notes a placeholder.
func (f *finder) remarkOpen(n *yaml.Node, written, message string, severe bool) {
	f.remark(n, "uneditable", written, message, severe)
	f.remarks[len(f.remarks)-1].open = true
}

func (f *finder) remarkAt(offset int, rule, written, message string, severe bool) {
	f.remarks = append(f.remarks, noted{offset: offset, Remark: Remark{
		File: f.path, Rule: rule, Severe: severe,
		Kind: f.res.kind, Namespace: f.res.namespace, Name: f.res.name,
		Field: render(f.steps), Reference: oneLine(written), Message: message,
	}})
}

// oneLine bounds text that is quoted in a message.
func oneLine(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i]
	}
	if len(s) > maxName {
		s = s[:maxName]
	}
	return s
}

// finish sorts what was found, gives it line and column, and takes back what
// cannot be edited without changing something else.
func (f *finder) finish() ([]Reference, []Remark) {
	sort.SliceStable(f.found, func(i, j int) bool { return f.found[i].offset < f.found[j].offset })
	sort.SliceStable(f.remarks,
		func(i, j int) bool { return f.remarks[i].offset < f.remarks[j].offset })
	f.settle(f.found)
	settleTogether(f.found)
	pos := positions{src: f.file.src}
	var refs []Reference
	for i, r := range f.found {
		if i > 0 && r.offset == f.found[i-1].offset &&
			r.Reference.Reference == f.found[i-1].Reference.Reference {
			continue // reached twice, by a merge key or an alias to what holds it
		}
		r.Line, r.Column = pos.of(r.offset)
		refs = append(refs, r.Reference)
	}
	at := map[int]bool{}
	for _, r := range f.found {
		at[r.offset] = true
	}
	pos = positions{src: f.file.src}
	var remarks []Remark
	for i, r := range f.remarks {
		if i > 0 && r.offset == f.remarks[i-1].offset && r.Rule == f.remarks[i-1].Rule &&
			r.Reference == f.remarks[i-1].Reference {
			continue
		}
		if r.Rule == "suspect" && at[r.offset] {
			continue // known by now to be a reference
		}
		r.Line, r.Column = pos.of(r.offset)
		remarks = append(remarks, r.Remark)
	}
	return refs, remarks
}

// settle makes references uneditable whose text others use as well, for
// something else: an anchor serves every alias of it.
func (f *finder) settle(refs []found) {
	settleTags(refs)
	type nameUse struct {
		tracked string
		slot    slot
		mixed   bool
	}
	uses := map[int]*nameUse{}
	byAlias, direct := map[*yaml.Node]int{}, map[*yaml.Node]bool{}
	for _, r := range refs {
		if !r.site.ok {
			continue
		}
		if r.alias {
			byAlias[r.target]++
		} else {
			direct[r.target] = true
		}
		s := r.site.keep
		if u := uses[s.start]; u == nil {
			uses[s.start] = &nameUse{tracked: r.Tracked, slot: s}
		} else {
			u.mixed = u.mixed || u.tracked != r.Tracked || u.slot != s
		}
	}
	for i := range refs {
		r := &refs[i]
		if !r.Editable || r.Source != nil {
			continue
		}
		a, anchored := f.anchors[r.target]
		switch {
		case uses[r.site.keep.start].mixed:
			r.Editable = false
			r.Why = "its text is shared, by an anchor or a merge key, with places that need " +
				"another pin"
		case anchored && (byAlias[r.target] < a.aliases || !direct[r.target] && !a.inert):
			r.Editable = false
			r.Why = fmt.Sprintf("the anchor &%s also serves a field that is not an image",
				r.target.Anchor)
		}
	}
}

// countAliases learns who reads which anchored scalar below n, itself included.
func (f *finder) countAliases(n *yaml.Node, inert bool) {
	switch {
	case n.Kind == yaml.Alias:
		a := f.anchors[target(n)]
		a.aliases++
		f.anchors[target(n)] = a
	case n.Kind == yaml.Scalar && n.Anchor != "":
		a := f.anchors[n]
		a.inert = inert
		f.anchors[n] = a
	case n.Kind == yaml.Sequence:
		for c := n.FirstChild; c != nil; c = c.Next {
			f.countAliases(c, inert)
		}
	case n.Kind == yaml.Mapping:
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			f.countAliases(k.Next, inert || strings.HasPrefix(k.Value, "x-") ||
				strings.HasPrefix(k.Value, "."))
		}
	}
}

// positions turns rising offsets into lines and columns.
type positions struct {
	src               string
	line, start, next int // the line that starts at start; the next one starts at next
}

func (p *positions) of(offset int) (line, column int) {
	for p.line == 0 || p.next <= offset {
		p.line++
		p.start = p.next
		if i := strings.IndexByte(p.src[p.start:], '\n'); i >= 0 {
			p.next += i + 1
		} else {
			p.next = math.MaxInt
		}
	}
	return p.line, offset - p.start + 1
}
