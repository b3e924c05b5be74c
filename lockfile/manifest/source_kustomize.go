package manifest

import (
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// remote records an entry of a kustomization that leads out of the tree, and reports whether
// it does: a folder in a git repository, or, where files may stand, a file at a URL. list
// has the entry.
func (f *finder) remote(n, list *yaml.Node, files bool) bool {
	_, entry := str(n)
	if entry == "" {
		return false
	}
	if files {
		if spec, ok := remoteFolder(entry); ok {
			f.gitFolder(n, list, entry, spec)
			return true
		}
		return f.fileSource(n, fileUse{})
	}
	spec, ok := parseRepoSpec(entry)
	if ok {
		f.gitFolder(n, list, entry, spec)
	}
	return ok
}

// gitFolder records an entry that is a folder of a git repository. kustomize checks out ref,
// and version where there is no ref; so a commit goes into ref, and the name stays in version.
func (f *finder) gitFolder(n, list *yaml.Node, entry string, spec repoSpec) {
	s := Source{Fetch: spec.clone, Path: spec.dir, Follows: spec.ref, Form: refForm(spec.ref),
		By: "ref", Holder: ByConsumer}
	s.URL, _ = giturl.Canonical(spec.clone)
	q := entryQuery{text: entry, start: spec.query}
	version, name := q.value("version"), f.followedName(n)
	switch {
	case s.Form == Head:
		s.Follows = ""
	case s.Form != Commit:
	default:
		if s.Pin = spec.ref; version != "" && version != spec.ref {
			name = version
		}
		if name != "" {
			s.Follows, s.Form = name, refForm(name)
		}
		if s.Form == Head {
			s.Follows = ""
		}
	}
	if n.Kind == yaml.Scalar && n.Anchor == "" && f.plainText(n) {
		if s.edits = f.queryEdits(n, &q, &s); target(list).Style == yaml.Flow {
			s.edits = f.quoteQuery(n, s.edits)
		}
	}
	f.fromSource(n, lockfile.Git, entry, s, "")
}

// queryEdits plans to put a commit into the query of an entry.
func (f *finder) queryEdits(n *yaml.Node, q *entryQuery, s *Source) []sourceEdit {
	if _, err := url.ParseQuery(q.query()); err != nil {
		return nil // kustomize would not read the commit either
	}
	refAt, refEnd, hasRef := q.find("ref")
	versionAt, versionEnd, hasVersion := q.find("version")
	ref, version := q.text[refAt:refEnd], q.text[versionAt:versionEnd]
	edit := func(i, j int, before string, part sourcePart) []sourceEdit {
		edits := f.replaceIn(n, i, j, part)
		if edits != nil {
			edits[0].before = before
		}
		return edits
	}
	switch {
	case hasRef && ref != "" && s.Pin == "" && hasVersion:
		edits := edit(refAt, refEnd, "", writeCommit)
		if version == ref || edits == nil {
			return edits
		}
		return append(edits, edit(versionAt, versionEnd, ref, writeNothing)...)
	case hasRef && ref != "" && s.Pin == "":
		return edit(refAt-len("ref="), refEnd, "version="+ref+"&ref=", writeCommit)
	case hasRef:
		edits := edit(refAt, refEnd, "", writeCommit)
		if s.Form != Head || edits == nil {
			return edits
		}
		return f.withName(edits, n, "HEAD")
	case hasVersion && version != "" && s.Pin != "":
		return edit(versionAt, versionEnd, "", writeCommit)
	case hasVersion && version != "":
		return edit(versionEnd, versionEnd, "&ref=", writeCommit)
	}
	before := "&ref="
	switch q.query() {
	case "":
		if before = "?ref="; strings.HasSuffix(q.text, "?") {
			before = "ref="
		}
	}
	edits := edit(len(q.text), len(q.text), before, writeCommit)
	if edits == nil {
		return nil
	}
	return f.withName(edits, n, "HEAD")
}

// quoteQuery puts quotes around the plain scalar n where the first of its edits adds a query
// to it: within [ ] and { }, parsers of YAML 1.1 end a plain scalar at a question mark.
func (f *finder) quoteQuery(n *yaml.Node, edits []sourceEdit) []sourceEdit {
	if len(edits) == 0 || n.Style != yaml.Plain || !strings.HasPrefix(edits[0].before, "?") {
		return edits
	}
	e := &edits[0]
	whole, ok := f.slot(n, 0, len(n.Value), "")
	if !ok || e.start != e.end || e.end != whole.end || strings.ContainsAny(n.Value, `"\\`) {
		return nil
	}
	whole.before, whole.after = `"`+n.Value+e.before, `"`+e.after
	e.slot = whole
	return edits
}

// entryQuery is the query of an entry of a kustomization.
type entryQuery struct {
	text  string
	start int // of the "?"
}

func (q *entryQuery) query() string { return strings.TrimPrefix(q.text[q.start:], "?") }

// find is where the value of a parameter stands; the first one counts.
func (q *entryQuery) find(key string) (from, to int, ok bool) {
	for from = q.start + 1; from < len(q.text); from = to + 1 {
		to = from + strings.IndexByte(q.text[from:]+"&", '&')
		if strings.HasPrefix(q.text[from:to], key+"=") {
			return from + len(key) + 1, to, true
		}
	}
	return 0, 0, false
}

// value is the value of a parameter, decoded, or "".
func (q *entryQuery) value(key string) string {
	values, err := url.ParseQuery(q.query())
	if err != nil {
		return ""
	}
	return values.Get(key)
}

// useFile notes that a kustomization names a file, which may be at a URL. name is what n's
// value ends in.
func (f *finder) useFile(n *yaml.Node, name string, as readAs) {
	if isFileURL(name) {
		_, whole := str(n)
		f.fileSource(n, fileUse{start: len(whole) - len(name), end: len(whole)})
		return
	}
	f.use(n, name, as)
}

// fetchedFiles records the files at URLs that a kustomization names in fields where files of
// the tree hold no images.
func (f *finder) fetchedFiles(root *yaml.Node) {
	for _, list := range [...]string{"crds", "configurations"} {
		f.each(root, list, func(n *yaml.Node) { f.fileSource(n, fileUse{}) })
	}
	if path := f.folded(f.folded(root, "openapi"), "path"); path != nil {
		f.inField("openapi", func() {
			f.inField("path", func() { f.fileSource(path, fileUse{}) })
		})
	}
}
