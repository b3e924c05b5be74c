package manifest

import (
	"path"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// OwnLock is the name of the file beside f in which the tool that reads f notes what its
// sources mean, "" if f has no such source.
func (f *File) OwnLock() string {
	for i := range f.References {
		if s := f.References[i].Source; s != nil && s.ownLock != noLock {
			return s.ownLock.file()
		}
	}
	return ""
}

// ownLock is the lock of its own tool that a source has.
type ownLock uint8

const (
	noLock ownLock = iota
	chartLock
	requirementsLock
	vendirLock
	jsonnetLock
	werfLock
)

func (o ownLock) file() string {
	switch o {
	case chartLock:
		return "Chart.lock"
	case requirementsLock:
		return "requirements.lock"
	case vendirLock:
		return "vendir.lock.yml"
	case jsonnetLock:
		return "jsonnetfile.lock.json"
	case werfLock:
		return "werf-includes.lock"
	}
	return ""
}

// JoinOwnLock fills in what the lock of f's own tool says of its sources. text is that of
// the lock. isDir reports whether the tree has a folder.
func (f *File) JoinOwnLock(text []byte, isDir func(name string) bool) {
	var p yaml.Parser
	docs, err := p.Parse(string(text))
	var root *yaml.Node
	if err == nil && len(docs) > 0 {
		root = docs[0].Root
	}
	dir := path.Dir(f.Path)
	f.References = append([]Reference(nil), f.References...) // a cache may have them, too
	for i := range f.References {
		r := &f.References[i]
		if r.Source == nil || r.Source.ownLock == noLock ||
			r.Source.URL == "" && r.Input != lockfile.URL {
			continue
		}
		s := *r.Source
		j := joint{Reference: r, source: &s, root: root, dir: dir, isDir: isDir}
		switch s.ownLock {
		case chartLock, requirementsLock:
			j.chart()
		case vendirLock:
			j.vendir()
		case jsonnetLock:
			j.jsonnet()
		case werfLock:
			j.werf()
		}
		r.Source = &s
	}
}

// joint is a source that the lock of its own tool is joined to.
type joint struct {
	*Reference
	source *Source
	root   *yaml.Node // of the lock, nil if it cannot be read
	dir    string     // that both files lie in
	isDir  func(name string) bool
}

// chart is that of Helm, which fetches the version in it, and refuses to where the list of
// dependencies has changed since.
func (j *joint) chart() {
	s := j.source
	version := ""
	items(get(j.root, "dependencies"), func(_ int, d *yaml.Node) {
		of := Source{}
		of.locateChart(field(d, "repository"), field(d, "name"))
		if v := field(d, "version"); of.URL == s.URL && of.Chart == s.Chart && s.Takes(v) &&
			exactVersion(v) && version == "" {
			version = v
		}
	})
	file := s.ownLock.file()
	s.edits, j.Editable = nil, false
	if version == "" {
		s.Pin = ""
		j.Why = file + " does not have it, and helm rejects a list that differs from that; to " +
			"write it anew: helm dependency update"
		return
	}
	s.Pin = version
	j.Why = file + " holds its version; to move it: helm dependency update"
}
