package manifest

import (
	"cmp"
	"net/url"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// fileUse says how a place uses the file at a URL. The zero fileUse is that of a scalar
// which is a URL and nothing else, and which plumb may edit.
type fileUse struct {
	// start and end are where in the scalar's value the URL is; both 0 for all of it.
	start, end int
	// listed is why the place is never edited, "" if it may be.
	listed string
	// watched: it is fetched at run time, again and again.
	watched bool
	// digest is the digest beside the URL that the consumer compares the file with, "" if
	// there is none yet; digestEdits write it. by is where it stands, in the consumer's
	// words; "" where the consumer compares nothing.
	digest, by  string
	digestEdits []sourceEdit
}

// isFileURL reports whether s is the URL of a file that is fetched over HTTP.
func isFileURL(s string) bool {
	const least = len("http://a")
	if len(s) < least {
		return false
	}
	scheme, _, ok := strings.Cut(s[:least], "://")
	return ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}

// fileSource records the file at the URL in the scalar n, and reports whether there is one.
// A URL that leads into a git repository by way of a branch or tag is held to a commit; the
// name stays in a comment, and where a comment has it, that is what is followed.
//
// A name with slashes cannot be told from the path behind it: what is followed is its first
// segment, but for "refs/heads/main" and the like, of which it is the third. Where a
// repository has no such ref, the longest one that it has is meant.
func (f *finder) fileSource(n *yaml.Node, use fileUse) bool {
	v, written := str(n)
	if use.end > 0 && use.end <= len(written) {
		written = written[use.start:use.end]
	}
	if !isFileURL(written) {
		return false
	}
	u, ok := parseFileURL(written)
	s := Source{Fetch: written, Form: OneFile, Holder: ByPlumbAlone, Listed: use.listed != "",
		Watched: use.watched, Pin: use.digest, By: use.by}
	if !ok {
		f.fromSource(n, lockfile.URL, written, s, "its URL cannot be read")
		return true
	}
	u.follow(f.followedName(n))
	why := cmp.Or(use.listed, u.why)
	if u.form == OneFile && use.by == "" {
		why = cmp.Or(why, "a URL that has no place for a commit: only plumb compares the "+
			"file's hash; copy the file into the tree to hold its consumer")
	}
	s.URL, s.Repository, s.Path = u.followed(), u.repository, u.path
	s.Form, s.Follows = u.form, u.follows
	if u.repository != "" && (!s.Listed || u.pin != "") || use.by != "" {
		s.Holder = ByConsumer
	}
	s.Pin, s.By = cmp.Or(use.digest, u.pin), cmp.Or(use.by, u.by())
	if !s.Listed {
		if n.Kind == yaml.Scalar && n.Anchor == "" && f.plainText(n) {
			s.edits = f.urlEdits(v, use.start, &u)
		}
		s.edits = append(s.edits, use.digestEdits...)
	}
	f.fromSource(n, lockfile.URL, written, s, why)
	return true
}

// by says where in a URL the pin stands or goes.
func (u *fileURL) by() string {
	switch {
	case u.form == LatestRelease:
		return "the tag in the URL"
	case u.repository != "":
		return "the commit in the URL"
	}
	return ""
}

// urlEdits plans to put the commit, or the release's tag, into the URL that starts at byte
// start of v's value.
func (f *finder) urlEdits(v *yaml.Node, start int, u *fileURL) []sourceEdit {
	part := writeCommit
	switch {
	case u.form == LatestRelease:
		part = writeTag
	case u.repository == "":
		return nil
	}
	edits := f.replaceIn(v, start+u.from, start+u.to, part)
	if edits == nil {
		return nil
	}
	edits[0].before, edits[0].after = u.before, u.after
	if edits = f.quoteQuery(v, edits); edits == nil {
		return nil
	}
	if u.cutTo > u.cutFrom {
		edits = append(edits, f.replaceIn(v, start+u.cutFrom, start+u.cutTo, writeNothing)...)
	}
	if u.form == Commit {
		return edits
	}
	return f.withName(edits, v, u.name())
}

// withName adds the comment that keeps a name readable to the edits of v, of which the first
// writes the pin.
func (f *finder) withName(edits []sourceEdit, v *yaml.Node, name string) []sourceEdit {
	comment := f.keepName(v, name)
	if pin := &edits[0]; len(comment) > 0 && pin.start == pin.end && pin.end == comment[0].start &&
		comment[0].end == pin.end {
		pin.after += comment[0].before // two edits cannot go to one place
		return edits
	}
	return append(edits, comment...)
}

// fileURL is the URL of a file, taken apart.
type fileURL struct {
	text       string
	host       string // in lower case
	repository string // "" if it leads into none
	path       string // in the repository
	form       Form
	follows    string
	pin        string // the commit, or the release's tag, that it has
	why        string // why it cannot be pinned, "" if it can or if there is no need to say
	released   bool   // it is of a release of a repository at GitHub
	tag        string // of that release, "" for the latest

	style      urlStyle
	from, to   int // where in text the ref stands
	cutFrom    int // where a part of the query stands that goes when the commit comes
	cutTo      int
	before     string // what is written before the pin, and after it
	after      string
	queryStart int // where the query starts, len(text) if there is none
}

// urlStyle is how a host writes a ref in the URL of a file.
type urlStyle uint8

const (
	plainRef   urlStyle = iota // "main", "refs/heads/main"
	giteaRef                   // "branch/main", "tag/v1", "commit/…"
	gistRef                    // nothing, or a commit and a slash
	gitlabRef                  // "main", with "ref_type=heads" in the query
	releaseRef                 // "latest/download", or "download/v1"
	queryRef                   // "?ref=main", and the remote's HEAD without it
)

// parseFileURL takes the URL of a file apart. ok is false for what cannot be fetched.
func parseFileURL(text string) (u fileURL, ok bool) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" {
		return fileURL{}, false
	}
	u = fileURL{text: text, host: strings.ToLower(parsed.Host), form: OneFile}
	u.queryStart = len(text)
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		u.queryStart = i
	}
	u.locate(parsed)
	return u, true
}

// refAt notes the ref that stands in text[from:to].
func (u *fileURL) refAt(from, to int, ref string) {
	u.from, u.to = from, to
	if decoded, err := url.PathUnescape(ref); err == nil {
		ref = decoded
	}
	if u.setRef(ref); u.form == Commit {
		u.pin = ref
	}
}

func (u *fileURL) setRef(name string) {
	if u.form, u.follows = refForm(name), name; u.form == Head {
		u.follows = ""
	}
}

// refForm is how the name of a ref is to be read, "" being the remote's HEAD.
func refForm(name string) Form { return gitForm(cmp.Or(name, "HEAD")) }

// follow makes what is followed what a comment says, where the URL has a commit or tag.
func (u *fileURL) follow(name string) {
	switch {
	case u.tag != "" && name == "latest":
		u.form, u.pin = LatestRelease, u.tag
	case name != "" && u.form == Commit:
		u.setRef(name)
	}
}

// name is what the comment has, "" if the URL follows nothing that a pin would hide.
func (u *fileURL) name() string {
	if u.form == LatestRelease {
		return "latest"
	}
	return cmp.Or(u.follows, "HEAD")
}

// followed is the URL with what is followed in the place of the pin, as a lock has it:
// scheme and host in lower case, without user and fragment.
func (u *fileURL) followed() string {
	head, tail := u.text[:u.from], u.text[u.to:]
	ref, query := u.refText()
	if u.repository == "" && u.form != LatestRelease {
		head, ref, tail = u.text, "", ""
	} else if u.cutTo > u.cutFrom { // it stands behind the ref
		tail = u.text[u.to:u.cutFrom] + u.text[u.cutTo:]
	}
	parsed, err := url.Parse(head + escapeRef().Replace(ref) + tail)
	if err != nil {
		return u.text
	}
	parsed.Scheme, parsed.Host = strings.ToLower(parsed.Scheme), u.host
	parsed.User, parsed.Fragment, parsed.RawFragment = nil, "", ""
	parsed.RawQuery, parsed.ForceQuery = withoutTokens(parsed.RawQuery+"&"+query), false
	return parsed.String()
}

// escapeRef escapes what would end a ref in a URL.
var escapeRef = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("%", "%25", " ", "%20", "#", "%23", "&", "%26", "+", "%2B")
})

// refText is what is followed as the URL has it in the ref's place, and in the query.
func (u *fileURL) refText() (text, query string) {
	branch, isBranch := strings.CutPrefix(u.follows, "refs/heads/")
	tag, isTag := strings.CutPrefix(u.follows, "refs/tags/")
	switch u.style {
	case releaseRef:
		return "latest/download", ""
	case gistRef:
		if u.form == Head {
			return "", ""
		}
		return u.follows + "/", ""
	case giteaRef:
		switch {
		case isBranch:
			return "branch/" + branch, ""
		case isTag:
			return "tag/" + tag, ""
		case u.form == Commit:
			return "commit/" + u.follows, ""
		}
	case gitlabRef:
		switch {
		case isBranch:
			return branch, "ref_type=heads"
		case isTag:
			return tag, "ref_type=tags"
		}
	case queryRef:
		if u.follows == "" {
			return "", ""
		}
		return u.before + u.follows, ""
	}
	return cmp.Or(u.follows, "HEAD"), ""
}

// withoutTokens is a query without what only says who asks.
func withoutTokens(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		switch key, _, _ := strings.Cut(part, "="); strings.ToLower(key) {
		case "", "token", "private_token", "access_token", "job_token":
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// At is the URL of a file with the commit, or the release's tag, of pin in it; the URL as it
// is written where it has no place for one.
func (s *Source) At(pin SourcePin) string {
	u, ok := parseFileURL(s.Fetch)
	if !ok {
		return s.Fetch
	}
	text := pin.Commit
	switch {
	case u.form == LatestRelease, u.style == releaseRef:
		text = pin.Tag
	case u.repository == "":
		return s.Fetch
	}
	if text == "" {
		return s.Fetch
	}
	edits := []Edit{{Start: u.from, End: u.to, Old: s.Fetch[u.from:u.to],
		New: u.before + text + u.after}}
	if u.cutTo > u.cutFrom {
		edits = append(edits, Edit{Start: u.cutFrom, End: u.cutTo, Old: s.Fetch[u.cutFrom:u.cutTo]})
	}
	out, err := Apply([]byte(s.Fetch), edits)
	if err != nil {
		return s.Fetch
	}
	return string(out)
}
