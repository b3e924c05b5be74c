// Package listing is what plumb list prints: the references of a tree, as a screen for a
// terminal, as rows and as names for other programs, and as a JSON document.
package listing

import (
	"slices"
	"sort"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify"
)

// Listing is the references of lock roots, and the remarks on what might be one. Both are
// in the order of files and lines.
type Listing struct {
	References []Reference
	Remarks    []Remark

	totals totals // of all references, also of those that OnlyUnpinned leaves out
}

// Reference is a place that names an external input, as plumb.dev/list/v1 has it.
type Reference struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Input     string `json:"input"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Field     string `json:"field"`
	Reference string `json:"reference"`
	Tracked   string `json:"tracked"`
	Pinned    bool   `json:"pinned"`
	Editable  bool   `json:"editable"`
	Why       string `json:"why"`
	// Follows is the tag, branch, ref, version or range that is followed; "" where none is
	// written.
	Follows string `json:"follows"`
	// Pin is the content that the place is held to: a digest or a commit, of a chart and a
	// URL that of plumb.lock; "" if there is none.
	Pin string `json:"pin"`
	// EnforcedBy is who holds the pin: consumer, tree, plumb or none.
	EnforcedBy string `json:"enforcedBy"`
	// By is the field or form in which the consumer takes a pin; "" if it has none.
	By string `json:"by"`
	// Self says that the place names the repository that it stands in.
	Self bool `json:"self"`

	inherits, repository bool
}

// resource is the object that holds the reference.
func (r *Reference) resource() string {
	if r.Name == "" {
		return r.Kind
	}
	return r.Kind + "/" + r.Name
}

// Remark is a place that might hold a reference, as plumb.dev/list/v1 has it.
type Remark struct {
	Rule      string `json:"rule"`
	Severity  string `json:"severity"` // that verify has: "error" or "remark"
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Field     string `json:"field"`
	Reference string `json:"reference"`
	Message   string `json:"message"`
}

// Gather lists the references of lock roots, their files named as io names them.
func Gather(io *cli.IO, roots []*lockroot.Root) *Listing {
	total := 0
	for _, r := range roots {
		for i := range r.Files {
			total += len(r.Files[i].References)
		}
	}
	l := &Listing{References: make([]Reference, 0, total), Remarks: []Remark{}}
	for _, r := range roots {
		for i := range r.Files {
			f := &r.Files[i]
			if len(f.References) == 0 && len(f.Remarks) == 0 && f.Unreadable == nil ||
				!r.Covers(f.Path) {
				continue
			}
			l.add(r, io.Display(r.Dir, f.Path), f)
		}
	}
	// Each root's are in order already.
	refs, remarks := l.References, l.Remarks
	sort.SliceStable(refs, func(i, j int) bool { return refs[i].File < refs[j].File })
	sort.SliceStable(remarks, func(i, j int) bool { return remarks[i].File < remarks[j].File })
	l.totals = count(refs)
	return l
}

// add lists a file of r under the name that people read.
func (l *Listing) add(r *lockroot.Root, name string, f *manifest.File) {
	for i := range f.References {
		m := &f.References[i]
		ref := Reference{File: name, Line: m.Line, Column: m.Column, Input: string(m.Input),
			Kind: m.Kind, Namespace: m.Namespace, Name: m.Name, Field: m.Field,
			Reference: m.Reference, Tracked: m.Tracked, Pinned: m.Pinned(), Editable: m.Editable,
			Why: m.Why, Pin: m.Digest, EnforcedBy: string(manifest.NotHeld), inherits: m.Inherits}
		switch {
		case m.Source != nil:
			ref.source(r, m)
		case m.Digest != "":
			ref.EnforcedBy, ref.By = string(manifest.ByConsumer), "digest"
			ref.Follows = tagOf(m.Tracked)
		default:
			ref.Follows = tagOf(m.Tracked)
		}
		l.References = append(l.References, ref)
	}
	if f.Unreadable != nil {
		l.Remarks = append(l.Remarks, newRemark(name, *f.Unreadable))
	}
	for _, m := range f.Remarks {
		l.Remarks = append(l.Remarks, newRemark(name, m))
	}
}

// tagOf is the tag of a tracked name, "" if it has none.
func tagOf(tracked string) string {
	n, err := oci.Parse(tracked)
	if err != nil {
		return ""
	}
	return n.Tag
}

// source adds what is known of a reference that is a git source, a chart or a URL.
func (l *Reference) source(r *lockroot.Root, m *manifest.Reference) {
	s := m.Source
	l.Follows, l.By, l.Pin, l.repository = s.Follows, s.By, s.Pin, s.Repo
	if _, l.Self = verify.OwnSource(r.Config.Self, s); l.Self {
		l.Pin = ""
		return
	}
	e, locked := s.Entry(r.Lock, m.Input)
	switch {
	case s.Holder == manifest.ByTree:
		l.Pinned, l.EnforcedBy = true, string(manifest.ByTree)
	case m.Pinned():
		l.EnforcedBy = string(manifest.ByConsumer)
	case locked && (s.Exact() || s.Pin != ""):
		l.Pinned, l.EnforcedBy, l.Pin = true, string(manifest.ByPlumbAlone), e.Pin()
	default:
		l.Pin = ""
	}
}

func newRemark(file string, m manifest.Remark) Remark {
	severity := verify.Remark
	if m.Severe {
		severity = verify.Error
	}
	return Remark{m.Rule, string(severity), file, m.Line, m.Column, m.Kind, m.Namespace, m.Name, m.Field,
		m.Reference, m.Message}
}

// severe reports whether verify rejects the place.
func (r *Remark) severe() bool { return r.Severity == string(verify.Error) }

// says is the remark in words.
func (r *Remark) says() string {
	if r.Reference == "" {
		return r.Message
	}
	return `"` + r.Reference + `" ` + r.Message
}

// OnlyUnpinned leaves out the references that are pinned, and those that have nothing to
// pin. The totals stay those of all references.
func (l *Listing) OnlyUnpinned() {
	l.References = slices.DeleteFunc(l.References, func(r Reference) bool {
		s := r.state()
		return s == pinned || s == inherited
	})
}

// names are the tracked names, each once.
func (l *Listing) names() []string {
	var names []string
	for i := range l.References {
		if name := l.References[i].Tracked; name != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return slices.Compact(names)
}

// summary is the totals in words.
func (l *Listing) summary() string {
	parts := []string{l.totals.String()}
	rejected := 0
	for i := range l.Remarks {
		if l.Remarks[i].severe() {
			rejected++
		}
	}
	var found []string
	if rejected > 0 {
		found = append(found, cli.Count(rejected, "other place", "other places")+" that verify rejects")
	}
	if n := len(l.Remarks) - rejected; n > 0 {
		found = append(found, cli.Count(n, "remark", "remarks"))
	}
	if len(found) > 0 {
		parts = append(parts, strings.Join(found, ", "))
	}
	return strings.Join(parts, "; ")
}
