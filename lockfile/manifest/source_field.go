package manifest

import (
	"cmp"
	"net/url"
	"strings"

	versions "github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// sourceField is the one field of a source that holds what is followed, and that is to hold
// the pin in its place.
type sourceField struct {
	owner   *yaml.Node // the mapping that has it
	key     string     // its name
	behind  string     // the field that it goes behind where the mapping does not have it
	missing string     // the ref that is followed without it; "HEAD", "main"
	form    func(name string) Form
}

// revision fills in s by a field that takes a branch, a tag or a commit, and no two of them.
func (f *finder) revision(s *Source, r sourceField) (why string) {
	_, node := lookup(r.owner, r.key)
	_, text := str(node)
	name := cmp.Or(text, r.missing)
	s.By, s.Holder = cmp.Or(s.By, r.key), ByConsumer
	if commit := strings.ToLower(text); fullCommit(commit) {
		s.Pin = commit
		name = cmp.Or(f.followedName(node), name)
	}
	s.Follows, s.Form = name, r.form(name)
	kept := name
	if s.Form == Commit {
		kept = ""
	}
	s.edits = f.pinField(r, kept, writeCommit)
	return f.fieldWhy(node, r.key)
}

// chartVersion fills in s by a field that takes a version of a chart, or a range of them.
func (f *finder) chartVersion(s *Source, r sourceField) (why string) {
	_, node := lookup(r.owner, r.key)
	_, text := str(node)
	s.By, s.Holder, s.Follows = cmp.Or(s.By, r.key), ByPlumbAlone, text
	kept := text
	switch {
	case exactVersion(text):
		s.Form, s.Pin, kept = Version, text, ""
		if followed := f.followedName(node); rangeHolds(followed, text) {
			s.Form, s.Follows = VersionRange, followed
		}
	case text == "":
		s.Form, kept = VersionRange, "*"
	case isRange(text):
		s.Form = VersionRange
	default:
		return text + " is neither a version nor a range of versions"
	}
	s.edits = f.pinField(r, kept, writeVersion)
	return f.fieldWhy(node, r.key)
}

// fieldWhy says why the text of a field cannot be trusted to be what its consumer reads.
func (f *finder) fieldWhy(node *yaml.Node, key string) string {
	if t := target(node); t != nil && t.Kind == yaml.Scalar && t.Start == t.End {
		return key + " has no value; remove it, or write what it follows"
	}
	return noString(node)
}

// pinField plans to write a part of the pin into a field, with the name that is followed in
// a comment where the text is a block's. It plans nothing where that cannot be done safely.
func (f *finder) pinField(r sourceField, name string, part sourcePart) []sourceEdit {
	m := target(r.owner)
	block := m != nil && m.Style != yaml.Flow
	_, node := lookup(m, r.key)
	if node != nil {
		if f.fieldWhy(node, r.key) != "" {
			return nil
		}
		edits := f.replace(node, part)
		if len(edits) > 0 && block {
			edits = append(edits, f.keepName(node, name)...)
		}
		return edits
	}
	k, v := lookup(m, r.behind)
	edits := f.addKey(m, k, v, addition{key: r.key}, part)
	if len(edits) > 0 && block && name != "" && f.text == f.file {
		edits[0].after = " " + nameMark + name
	}
	return edits
}

// gitForm is how git reads a name that may be a branch, a tag, a full ref or a commit.
func gitForm(name string) Form {
	switch {
	case name == "HEAD":
		return Head
	case strings.HasPrefix(name, "refs/"):
		return FullRef
	case fullCommit(name):
		return Commit
	}
	return BranchOrTag
}

// fullCommit reports whether s is the id of a commit in full, of SHA-1.
func fullCommit(s string) bool {
	if len(s) != 40 {
		return false
	}
	for i := range len(s) {
		if !isHexDigit(s[i]) {
			return false
		}
	}
	return true
}

// exactVersion reports whether s names one version of a chart: three numbers, with or
// without a v, a pre-release and a build. "1.2" does not; Helm takes it for 1.2.x.
func exactVersion(s string) bool {
	numbers, ok := versionNumbers(s)
	return ok && numbers == 3
}

// versionNumbers is how many numbers s, a version as semver.NewVersion of Masterminds takes
// it, has: one to three.
func versionNumbers(s string) (n int, ok bool) {
	s = strings.TrimPrefix(s, "v")
	core, rest := s, ""
	if i := strings.IndexAny(s, "-+"); i >= 0 {
		core, rest = s[:i], s[i+1:]
		if rest == "" {
			return 0, false
		}
	}
	for i := range len(rest) {
		if c := rest[i]; !isHexDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && c != '.' &&
			c != '-' && c != '+' {
			return 0, false
		}
	}
	for part := range strings.SplitSeq(core, ".") {
		if n++; n > 3 || part == "" || strings.Trim(part, "0123456789") != "" {
			return 0, false
		}
	}
	return n, true
}

// isRange reports whether s is a range of versions to Helm, Flux and Argo CD.
func isRange(s string) bool {
	_, err := versions.ParseRange(s)
	return err == nil
}

// rangeHolds reports whether a version is in a range.
func rangeHolds(s, v string) bool {
	if s == "" {
		return false
	}
	r, err := versions.ParseRange(s)
	tag, ok := versions.Parse(v)
	return err == nil && ok && r.Contains(tag)
}

// chartRepository is the URL of a chart repository as a lock has it: scheme and host in lower
// case, no user, no slash at the end. It is "" for what is no URL with a host.
func chartRepository(repository string) string {
	u, err := url.Parse(strings.TrimSpace(repository))
	if err != nil || u.Hostname() == "" {
		return ""
	}
	switch u.Scheme = strings.ToLower(u.Scheme); u.Scheme {
	case "http", "https", "oci":
	default:
		return ""
	}
	u.User, u.Host, u.Fragment = nil, strings.ToLower(u.Host), ""
	return strings.TrimRight(u.String(), "/")
}

// locateChart fills in where a chart comes from. In a registry, a name may have a path of
// its own, which is part of the place.
func (s *Source) locateChart(repository, name string) {
	s.Fetch, s.Chart, s.URL = repository, name, chartRepository(repository)
	if i := strings.LastIndexByte(name, '/'); i >= 0 && strings.HasPrefix(s.URL, "oci://") {
		s.URL += "/" + strings.Trim(name[:i], "/")
		s.Chart = name[i+1:]
	}
}

// writtenSource is how a source and what it follows are shown.
func writtenSource(url, follows string) string {
	if follows == "" {
		return url
	}
	return url + "@" + follows
}

// eachOf calls do with each item of m's sequence under key, inside of its field.
func (f *finder) eachOf(m *yaml.Node, key string, do func(item *yaml.Node)) {
	list := get(m, key)
	if list == nil {
		return
	}
	f.inField(key, func() {
		items(list, func(i int, item *yaml.Node) {
			f.inIndex(i, func() { do(item) })
		})
	})
}
