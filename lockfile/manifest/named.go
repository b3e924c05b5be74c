package manifest

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// readAs is a set of the ways to read a file that another file names.
type readAs uint16

const (
	asValues      readAs = 1 << iota // Helm values
	asManifest                       // objects, whatever the file is called
	asPatch                          // a strategic merge patch, or JSON patch operations
	asBody                           // that patch is for objects of another kind than it may say
	asData                           // an entry of a ConfigMap that kustomize makes
	asEnv                            // lines KEY=VALUE, entries of a ConfigMap
	asReplacement                    // replacements of kustomize
	asPlugin                         // configuration of kustomize's plugins, or a folder of it
	asText                           // text that a template prints
)

// use says that a file names another one.
type use struct {
	path         string // from the directory of the file, or from the tree's root after "/"
	as           readAs
	plugin       bool // it is in the configuration of one of kustomize's plugins
	line, column int  // where it is named; 0 where that is not known
}

// from is the path that u means in the file at name.
func (u use) from(name string) string {
	if rooted, ok := strings.CutPrefix(u.path, "/"); ok {
		return path.Clean(rooted)
	}
	return path.Join(path.Dir(name), u.path)
}

// Named is a file of the tree that others name, so that a consumer reads it.
type Named struct {
	Path string // slash-separated, relative to the tree's root, which it may lead out of
	as   readAs
	// By is a file that names it, and the place there; Line is 0 where that is not known.
	By           string
	Line, Column int
	// Needed: what names the file fails without it. Of a name that may be that of
	// something else, as of a folder or a chart's own file, that is not known.
	Needed bool
	// Linked: a symlink names it, of which the patterns have the name.
	Linked bool
	// Values: as far as is known, it holds nothing but Helm values, or entries of a
	// ConfigMap.
	Values bool
}

// NamedBy is a file that something other than a manifest, such as a symlink, makes one.
func NamedBy(by, path string) Named { return Named{Path: path, as: asManifest, By: by} }

// Links are the symlinks of a tree, as far as they matter to names.
type Links struct {
	// Resolve returns what a path leads to; the path itself if it is not reached through
	// a symlink, or cannot be resolved.
	Resolve func(path string) string
	// Aliases are the files to which symlinks give names of manifests.
	Aliases []Alias
}

// Alias is a name that a symlink gives to a file.
type Alias struct{ Name, Path string }

// SameRole reports whether a file is read in the same way under both names, were it not
// for what the files around it say.
func SameRole(a, b string) bool { return roleOf(a) == roleOf(b) && consumed(a) == consumed(b) }

// ValuesName reports whether a file of this name beside a Chart.yaml is Helm values.
func ValuesName(name string) bool { return strings.HasPrefix(path.Base(name), "values") }

// HasRole reports whether a file of this name is read in a way of its own, as a
// kustomization is, and not only for the objects in it.
func HasRole(name string) bool { return roleOf(name) != plain }

// IsChart reports whether the file is the Chart.yaml of a Helm chart.
func (f *File) IsChart() bool { return f.role == chartFile }

// Uneditable says of all references in the file why plumb cannot pin them in place.
func (f *File) Uneditable(why string) {
	for i := range f.References {
		f.References[i].uneditable(why)
	}
}

// Reads reports whether f was read in the way that n asks for, besides the way that its
// own name does.
func (f *File) Reads(n Named) bool { return f.as == n.as }

// ReadsAs reports whether f and g were read in the same way.
func (f *File) ReadsAs(g *File) bool { return f.as == g.as && f.Judged == g.Judged }

// ReadAsNamed reports whether the file was read as others name it.
func (f *File) ReadAsNamed() bool { return f.as != 0 }

// uses notes that this file names another, which is read so.
func (f *finder) use(n *yaml.Node, name string, as readAs) {
	if name == "" || templateIn(name) != "" || strings.Contains(name, "://") {
		return
	}
	u := use{path: name, as: as, plugin: f.plugged}
	if n != nil && f.text == f.file {
		u.line, u.column = (&positions{src: f.file.src}).of(f.text.offset(n.Start))
	}
	f.uses = append(f.uses, u)
}

// NamedFiles returns the files that those in lists name and that have to be read for it,
// whether they are among them or not, sorted by path. A file that holds objects is not read
// as Helm values. links may be zero.
func NamedFiles(links Links, lists ...[]File) []Named {
	n := namer{lists: lists, named: map[string]*Named{}, charts: map[string]bool{},
		resolve: links.Resolve}
	for _, files := range lists {
		n.from.add(files)
	}
	for f := range n.files {
		if f.role == chartFile {
			n.charts[path.Dir(f.Path)] = true
		}
	}
	for f := range n.files {
		for _, u := range f.uses {
			n.use(f, u)
		}
	}
	for _, a := range links.Aliases {
		as := asManifest
		if n.valuesOfChart(a.Name) {
			as = asValues
		}
		n.add(Named{Path: a.Path, as: as, By: a.Name, Linked: true})
	}
	for f := range n.files {
		n.settle(f)
	}
	out := make([]Named, 0, len(n.named))
	for _, one := range n.named {
		one.Values = one.as&^(asValues|asData|asEnv) == 0
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Named) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// namer gathers what files name.
type namer struct {
	lists   [][]File
	named   map[string]*Named
	charts  map[string]bool // their folders
	from    loaders
	resolve func(string) string
}

// files yields all files.
func (n *namer) files(yield func(*File) bool) {
	for _, files := range n.lists {
		for i := range files {
			if !yield(&files[i]) {
				return
			}
		}
	}
}

func (n *namer) add(one Named) {
	if known := n.named[one.Path]; known != nil {
		known.as |= one.as
		known.Needed = known.Needed || one.Needed
		known.Linked = known.Linked || one.Linked
		return
	}
	n.named[one.Path] = &one
}

// use adds what a file names.
func (n *namer) use(f *File, u use) {
	for _, dir := range n.from.directories(f, u) {
		to := path.Join(dir, strings.TrimPrefix(u.path, "/"))
		if u.as == asText && strings.ContainsAny(to, "*?[") {
			n.matches(f, u, to)
			continue
		}
		if n.resolve != nil {
			to = n.resolve(to)
		}
		n.add(Named{Path: to, as: u.as, By: f.Path, Line: u.line, Column: u.column,
			Needed: f.role == kustomizationFile && !remoteBase(u.path)})
	}
}

// matches adds the files that match a glob.
func (n *namer) matches(by *File, u use, glob string) {
	for f := range n.files {
		if name := f.Path; globMatches(glob, name) {
			n.add(Named{Path: name, as: u.as, By: by.Path, Line: u.line, Column: u.column})
		}
	}
}

// remoteBase reports whether kustomize takes a name for a URL, where there is no such path:
// "github.com/acme/app//deploy?ref=v1".
func remoteBase(name string) bool {
	host, rest, ok := strings.Cut(name, "/")
	if strings.ContainsAny(name, "?@") || strings.Contains(rest, "//") {
		return true
	}
	dot := strings.LastIndexByte(host, '.')
	return ok && (dot > 0 && len(host)-dot > 2 || strings.Contains(host, ":"))
}

// valuesOfChart reports whether a file is one of a chart's values by its name.
func (n *namer) valuesOfChart(name string) bool {
	return ValuesName(name) && n.charts[path.Dir(name)]
}

// settle takes back what a file is named for and that it is not, and adds that it is one of
// a chart's values.
func (n *namer) settle(f *File) {
	one := n.named[f.Path]
	switch beside := n.valuesOfChart(f.Path); {
	case one == nil && beside:
		one = &Named{Path: f.Path, as: asValues}
		n.named[f.Path] = one
	case one == nil:
		return
	case beside:
		one.as |= asValues
	}
	if f.objects || f.role != plain && f.role != valuesFile {
		one.as &^= asValues | asData
	}
	if one.as == asManifest && consumed(f.Path) {
		one.as = 0 // it was read so by its own name
	}
	if one.as == 0 {
		delete(n.named, f.Path)
	}
}

// ScanNamed finds what src, the text of n, holds: read as a file of its name is, and in
// each of the ways that others name it for.
func (s *Scanner) ScanNamed(n Named, src []byte) File {
	switch {
	case n.as == asValues:
		return s.scanValues(n.Path, src)
	case n.as == asText && !Candidate(n.Path):
		f := File{Path: n.Path, as: n.as}
		f.keep(src)
		return f
	}
	if n.as&^(asData|asEnv) == 0 {
		return s.scanData(n, src)
	}
	f := s.newFinder(n.Path)
	f.as, f.consumed = n.as, n.as != asText || consumed(n.Path)
	return f.scan(src, s.opts.Included != nil && s.opts.Included(n.Path))
}

// namedDocument searches a document that is no object of itself, as others name its file.
func (f *finder) namedDocument(root *yaml.Node) {
	if f.as&asPatch != 0 {
		f.patchDocument(root, patchTarget{})
	}
	if f.as&asReplacement != 0 {
		f.replacementFile(root)
	}
	if f.as&asData != 0 {
		f.configText(root)
	}
	if f.as&asValues != 0 {
		f.helmValues(root, "")
	}
}
