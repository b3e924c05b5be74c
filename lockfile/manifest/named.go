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

// NamedFiles returns the files that files name and that have to be read for it, whether
// they are among files or not, sorted by path. A file that holds objects is not read as
// Helm values.
func NamedFiles(files []File) []Named {
	named := map[string]*Named{}
	charts := map[string]bool{}
	var from loaders
	from.add(files)
	for i := range files {
		file := &files[i]
		if file.role == chartFile {
			charts[path.Dir(file.Path)] = true
		}
		for _, u := range file.uses {
			for _, dir := range from.directories(file, u) {
				to := path.Join(dir, strings.TrimPrefix(u.path, "/"))
				if u.as == asText && strings.ContainsAny(to, "*?[") {
					nameMatches(named, files, file, u, to)
					continue
				}
				if n := named[to]; n != nil {
					n.as |= u.as
					continue
				}
				named[to] = &Named{Path: to, as: u.as, By: file.Path, Line: u.line,
					Column: u.column}
			}
		}
	}
	for i := range files {
		file := &files[i]
		beside := strings.HasPrefix(path.Base(file.Path), "values") && charts[path.Dir(file.Path)]
		n := named[file.Path]
		switch {
		case n == nil && beside:
			n = &Named{Path: file.Path, as: asValues}
			named[file.Path] = n
		case n == nil:
			continue
		case beside:
			n.as |= asValues
		}
		if file.objects || file.role != plain && file.role != valuesFile {
			n.as &^= asValues | asData
		}
		if n.as == 0 {
			delete(named, file.Path)
		}
	}
	out := make([]Named, 0, len(named))
	for _, n := range named {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Named) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// nameMatches names the files that match a glob.
func nameMatches(named map[string]*Named, files []File, by *File, u use, glob string) {
	for i := range files {
		name := files[i].Path
		switch {
		case !globMatches(glob, name):
		case named[name] != nil:
			named[name].as |= u.as
		default:
			named[name] = &Named{Path: name, as: u.as, By: by.Path, Line: u.line, Column: u.column}
		}
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
	f := &finder{scanner: s, path: n.Path, consumed: n.as != asText || consumed(n.Path), as: n.as}
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
