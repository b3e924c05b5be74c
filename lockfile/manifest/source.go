package manifest

import (
	"cmp"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Source is what a reference to a git repository, a chart or a file at a URL follows, and
// how its consumer can be held to one content of it.
type Source struct {
	// URL is that of the repository, the chart repository or the file, as a lock has it;
	// "" if the tree does not say. That of a file is the URL that is followed: where the
	// place carries a commit, it has the branch or tag in its place.
	URL string
	// Fetch is the URL as it is written, with the user in it, by which it is fetched.
	Fetch string
	// Chart is the name of the chart; "" for other kinds.
	Chart string
	// Repository is the URL of the git repository that a file's URL leads into, "" if the
	// URL does not name a branch, tag or commit of one.
	Repository string
	// Path is the place in the repository that the consumer reads; "" if it is its root, or
	// not known.
	Path string
	// Follows is the branch, tag, ref, version or range that people chose, without which
	// the consumer takes what Form says.
	Follows string
	Form    Form
	// Pin is the commit, the digest or the exact version that the place itself carries.
	Pin string
	// By says in the consumer's words where the pin stands or goes: "ref.commit",
	// "targetRevision"; "" where there is no such place.
	By string
	// Holder is who holds the consumer to the pin, once it is written.
	Holder Holder
	// Together is the same text for all places of a file that must carry the same commit,
	// or their consumer fails; "" where there are no others.
	Together string
	// OnBranch says that the consumer finds a commit only if some branch has it.
	OnBranch bool
	// Listed says that the place is listed and locked, and never edited; Reference.Why says
	// why.
	Listed bool
	// Watched says that the file is fetched at run time, again and again, by what nothing holds
	// to a content: it is locked by its hash, whatever its URL follows.
	Watched bool
	// Repo says that the place names a chart repository or a bucket and nothing in it: what is
	// taken from it is a source elsewhere.
	Repo bool
	// Vendored is the content hash of the chart that the consumer takes from the tree, "" if
	// it takes none from there; Fault is why that cannot be read. Both are of other files
	// than the one with the place, so no scan of one file finds them.
	Vendored, Fault string

	edits []sourceEdit
	link  sourceLink // the object that has its URL
	// ownLock is the lock of its own tool that may say more of it, and content the folder in
	// which that tool keeps what it has fetched, from that of the file.
	ownLock ownLock
	content string
}

// Form is how the text that a source follows is to be read.
type Form uint8

// The forms. The zero Form is that of a source that follows nothing that could be resolved.
const (
	NoForm        Form = iota
	Branch             // a branch
	Tag                // a tag
	FullRef            // a full ref, "refs/heads/main"
	BranchOrTag        // either; both is an error
	Head               // what the remote's HEAD names
	TagRange           // the newest version in a range among the tags
	Commit             // a commit, and nothing that could move
	Version            // one version of a chart
	VersionRange       // the newest version of a chart in a range; "" for all
	OneFile            // the file at a URL
	LatestRelease      // the file of a GitHub repository's latest release
)

// Moves reports whether what is followed is meant to move: a branch, a range, HEAD, but no
// tag, version or URL.
func (f Form) Moves() bool {
	switch f {
	case Branch, FullRef, BranchOrTag, Head, TagRange, VersionRange, LatestRelease, NoForm:
		return true
	}
	return false
}

// Holder is who holds a consumer to a pin.
type Holder string

// The holders, as plumb list names them.
const (
	NotHeld      Holder = "none"     // there is no pin
	ByConsumer   Holder = "consumer" // the consumer obeys a commit or a digest in the manifest
	ByTree       Holder = "tree"     // the content lies in the repository
	ByPlumbAlone Holder = "plumb"    // only plumb compares a hash in the lock
)

// Exact reports whether the name in the file says what it means by itself, so that a hash in
// the lock is enough: a tag, a version, a commit, a URL. A branch, a range and HEAD do not. Nor
// does a URL with a branch in it, unless it is fetched at run time and only watched.
func (s *Source) Exact() bool {
	switch s.Form {
	case Tag, Version, OneFile, Commit:
		return true
	case VersionRange:
		return s.Pin != "" // the version that the range was when it was locked
	case FullRef:
		return strings.HasPrefix(s.Follows, "refs/tags/") || s.Watched
	}
	return s.Watched
}

// tracked names a source and what it follows: "https://github.com/acme/bases.git@main",
// "https://charts.example.org#web@^1.2". The URL of a file has what it follows in it.
func (s *Source) tracked() string {
	name := s.URL
	if s.Chart != "" {
		name += "#" + s.Chart
	}
	switch follows := cmp.Or(s.Follows, s.Form.implied()); {
	case s.Form == OneFile || s.Form == LatestRelease || s.Repository != "" || follows == "":
		return name
	default:
		return name + "@" + follows
	}
}

// implied is what a consumer follows where nothing is written.
func (f Form) implied() string {
	switch f {
	case Head:
		return "HEAD"
	case VersionRange:
		return "*"
	}
	return ""
}

// SourcePin is what a source was resolved to. Fields that its edits do not need are "".
type SourcePin struct {
	Commit  string // full id
	Version string // of a chart, exact
	Tag     string // short name of the tag that was chosen, of a release or in a range
	Digest  string // "sha256:" and 64 hex digits
}

// sourcePart is which part of a SourcePin an edit writes.
type sourcePart uint8

const (
	writeNothing sourcePart = iota // the edit's text is fixed
	writeCommit
	writeVersion
	writeTag
	writeDigest
)

// sourceEdit is one of the edits that pin a source: the slot becomes before, the part of the
// pin, after.
type sourceEdit struct {
	slot
	part  sourcePart
	plain bool // it is a bare scalar, to be quoted where the text would be no string
}

// PinSource plans the edits that hold r's consumer to pin, none if it is held already. A
// reference that is not Editable has none.
func (r *Reference) PinSource(pin SourcePin) []Edit {
	if r.Source == nil || !r.Editable {
		return nil
	}
	var out []Edit
	for _, e := range r.Source.edits {
		text := ""
		switch e.part {
		case writeCommit:
			text = pin.Commit
		case writeVersion:
			text = pin.Version
		case writeTag:
			text = pin.Tag
		case writeDigest:
			text = pin.Digest
		}
		if e.part != writeNothing && text == "" {
			continue
		}
		if e.plain && !plainString(text) {
			text = `"` + text + `"`
		}
		if text = e.before + text + e.after; text != e.old {
			out = append(out, Edit{Start: e.start, End: e.end, Old: e.old, New: text})
		}
	}
	return out
}

// fromSource records a reference to something other than an image, at n. written is how it is
// shown. Where it has no edits that could pin it, why says why.
func (f *finder) fromSource(
	n *yaml.Node, input lockfile.Kind, written string, s Source, why string,
) {
	if f.claimed[n] {
		return
	}
	if f.template(n, written) {
		f.remarks[len(f.remarks)-1].Input = input
		return
	}
	r := f.begin(n, input, written)
	r.target = nil // its edits are its own
	s.Holder = cmp.Or(s.Holder, ByPlumbAlone)
	r.Source = &s
	if s.URL == "" {
		r.Why = cmp.Or(why, "the tree does not say where it comes from")
	} else {
		r.Tracked = s.tracked()
	}
	r.Why = cmp.Or(r.Why, why)
	r.Editable = len(s.edits) > 0 && r.Tracked != ""
	if s.link.name != "" {
		r.Source.link.editable = len(s.edits) > 0 && f.sealed == ""
		r.Source.link.why = cmp.Or(s.link.why, f.sealed)
	}
	switch {
	case f.sealed != "":
		r.Editable, r.Why = false, f.sealed
	case !r.Editable && r.Why == "" && s.Form != Commit:
		r.Why = "its text is written in a form that cannot be edited safely"
	}
	f.found = append(f.found, r)
}

// settleTogether takes back the edits of places that must carry one commit and follow
// different names: a commit for each would break their consumer.
func settleTogether(all []found) {
	first := map[string]*Source{}
	mixed := map[string]bool{}
	for i := range all {
		s := all[i].Source
		if s == nil || s.Together == "" {
			continue
		}
		if one := first[s.Together]; one == nil {
			first[s.Together] = s
		} else if one.Form != s.Form || one.Follows != s.Follows {
			mixed[s.Together] = true
		}
	}
	for i := range all {
		if r := &all[i]; r.Source != nil && mixed[r.Source.Together] {
			r.Editable, r.Source.edits = false, nil
			r.Why = cmp.Or(r.Why, "the sources of this repository in the object follow different "+
				"names, and their consumer takes one commit for all of them")
		}
	}
}

// replace plans to replace the whole text of the scalar v by a part of the pin.
func (f *finder) replace(v *yaml.Node, part sourcePart) []sourceEdit {
	v = target(v)
	if v == nil || !f.plainText(v) || v.Anchor != "" {
		return nil
	}
	return f.replaceIn(v, 0, len(v.Value), part)
}

// replaceIn plans to replace value[i:j] of the scalar v by a part of the pin.
func (f *finder) replaceIn(v *yaml.Node, i, j int, part sourcePart) []sourceEdit {
	s, ok := f.slot(v, i, j, "")
	if !ok {
		return nil
	}
	return []sourceEdit{{slot: s, part: part,
		plain: v.Style == yaml.Plain && i == 0 && j == len(v.Value)}}
}

// addKey plans to add a key with a part of the pin behind the pair k: v of the mapping m.
func (f *finder) addKey(m, k, v *yaml.Node, a addition, part sourcePart) []sourceEdit {
	if k == nil || v == nil || target(m).Anchor != "" || mergedInto(target(m), v) {
		return nil
	}
	s, ok := f.after(m, k, v, a)
	if !ok {
		return nil
	}
	return []sourceEdit{{slot: s, part: part, plain: target(m).Style != yaml.Flow}}
}

// nameMark begins the comment in which the name that people follow stays readable, where the
// consumer's field holds the pin alone: "# plumb: v1.2", or "# plumb: v1.2; TODO: drop it".
const nameMark = "# plumb: "

// lineOf is the rest of the line on which the scalar v ends, with its offset. ok is false
// where that is not a line of the file of which a comment could be the end.
func (f *finder) lineOf(v *yaml.Node) (start int, rest string, ok bool) {
	v = target(v)
	if v == nil || f.text != f.file || v.Style == yaml.Literal || v.Style == yaml.Folded {
		return 0, "", false
	}
	end, ok := f.endInFile(v)
	if !ok {
		return 0, "", false
	}
	rest = f.file.src[end:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return end, strings.TrimSuffix(rest, "\r"), true
}

// followedName is the name in the comment on the line of v, "" if it has none.
func (f *finder) followedName(v *yaml.Node) string {
	_, rest, ok := f.lineOf(v)
	if !ok {
		return ""
	}
	name, ok := strings.CutPrefix(strings.TrimLeft(rest, " \t"), nameMark)
	if !ok || strings.HasPrefix(name, "from ") {
		return ""
	}
	name, _, _ = strings.Cut(name, ";")
	return strings.TrimSpace(name)
}

// keepName plans the comment that keeps a name readable on the line of v. It has none in
// JSON, in flow collections and where the name would not be read back.
func (f *finder) keepName(v *yaml.Node, name string) []sourceEdit {
	at, rest, ok := f.lineOf(v)
	comment := strings.TrimLeft(rest, " \t")
	if !ok || name == "" || strings.ContainsAny(name, ";#\n") || f.followedName(v) != "" ||
		comment != "" && comment[0] != '#' {
		return nil
	}
	if comment == "" {
		return []sourceEdit{{slot: slot{start: at, end: at, before: " " + nameMark + name}}}
	}
	start := at + len(rest) - len(comment)
	return []sourceEdit{{slot: slot{start: start, end: start + 1, old: "#",
		before: nameMark + name + ";"}}}
}
