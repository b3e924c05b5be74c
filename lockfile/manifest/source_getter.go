package manifest

import (
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// gitGetter is an address of go-getter that leads into a git repository:
// "git::https://HOST/REPOSITORY//PATH?ref=REF" (hashicorp/go-getter, GitGetter and detectors).
type gitGetter struct {
	clone string
	path  string
	query int // where the query starts, the length of the text if there is none
}

// parseGitGetter takes an address of go-getter apart. ok is false for what is fetched
// otherwise, or lies in the tree.
func parseGitGetter(text string) (g gitGetter, ok bool) {
	g.query = len(text)
	if i := strings.IndexByte(text, '?'); i >= 0 {
		g.query = i
	}
	place, forced := strings.CutPrefix(text[:g.query], "git::")
	from := 0
	if i := strings.Index(place, "://"); i >= 0 {
		from = i + len("://")
	}
	if i := strings.Index(place[from:], "//"); i >= 0 {
		place, g.path = place[:from+i], strings.Trim(place[from+i:], "/")
	}
	host, rest, _ := strings.Cut(place, "/")
	switch {
	case forced && from > 0, strings.Contains(host, "@") && strings.Contains(host, ":"):
		g.clone = place
	case host == "github.com", host == "gitlab.com", host == "bitbucket.org":
		parts := strings.SplitN(rest, "/", 3)
		if len(parts) < 2 {
			return gitGetter{}, false
		}
		g.clone = "https://" + host + "/" + parts[0] + "/" + strings.TrimSuffix(parts[1], ".git") +
			".git"
		if len(parts) == 3 && g.path == "" {
			g.path = parts[2]
		}
	default:
		return gitGetter{}, false
	}
	return g, true
}

// getterSource records what an address of go-getter in the scalar n names, and reports
// whether it leads out of the tree. flow says that n is in a flow collection.
func (f *finder) getterSource(n *yaml.Node, flow bool) bool {
	_, text := str(n)
	if g, ok := parseGitGetter(text); ok {
		f.getterGit(n, text, g, flow)
		return true
	}
	if isFileURL(text) {
		f.checkedFile(n, text, flow)
		return true
	}
	if scheme, _, forced := strings.Cut(text, "::"); forced && scheme != "file" ||
		strings.Contains(text, "://") && !strings.HasPrefix(text, "file:") {
		f.fromSource(n, lockfile.URL, text, Source{Fetch: text, Listed: true},
			"plumb does not read addresses of this form; write https:// or git::https://")
		return true
	}
	return false
}

// getterGit records a git repository. Without a ref it is the remote's HEAD.
func (f *finder) getterGit(n *yaml.Node, text string, g gitGetter, flow bool) {
	q := entryQuery{text: text, start: g.query}
	from, to, named := q.find("ref")
	ref := q.value("ref")
	s := Source{Fetch: g.clone, Path: g.path, By: "ref", Holder: ByConsumer, Follows: ref,
		Form: refForm(ref)}
	s.URL, _ = giturl.Canonical(g.clone)
	if s.Form == Commit {
		if s.Pin = strings.ToLower(ref); f.followedName(n) != "" {
			s.Follows = f.followedName(n)
			s.Form = refForm(s.Follows)
		}
	}
	kept := s.Follows
	switch s.Form {
	case Head:
		s.Follows, kept = "", "HEAD"
	case Commit:
		kept = ""
	}
	why := ""
	_, err := url.ParseQuery(q.query())
	switch depth := q.value("depth"); {
	case err != nil:
		why = "its query cannot be read"
	case depth != "":
		why = "with depth, git is asked for the ref by name and takes no commit: remove depth"
		s.Holder = ByPlumbAlone
	case n.Kind == yaml.Scalar && n.Anchor == "" && f.plainText(n):
		s.edits = f.refEdits(n, &q, from, to, named)
	}
	if len(s.edits) > 0 {
		if s.edits = f.flowQuery(n, s.edits, flow); s.edits != nil && kept != "" {
			s.edits = f.withName(s.edits, n, kept)
		}
	}
	f.fromSource(n, lockfile.Git, text, s, why)
}

// refEdits plans to put a commit into the ref of an address, which stands at text[from:to] if
// it is named.
func (f *finder) refEdits(n *yaml.Node, q *entryQuery, from, to int, named bool) []sourceEdit {
	if named {
		return f.replaceIn(n, from, to, writeCommit)
	}
	before := "?ref="
	switch {
	case strings.HasSuffix(q.text, "?"):
		before = "ref="
	case q.query() != "":
		before = "&ref="
	}
	edits := f.replaceIn(n, len(q.text), len(q.text), writeCommit)
	if edits != nil {
		edits[0].before = before
	}
	return edits
}

// flowQuery is quoteQuery for a scalar of a flow collection, and edits for any other.
func (f *finder) flowQuery(n *yaml.Node, edits []sourceEdit, flow bool) []sourceEdit {
	if !flow {
		return edits
	}
	return f.quoteQuery(n, edits)
}

const checksumKey = "checksum"

// checkedFile records the archive at a URL, which go-getter compares with the parameter
// checksum of its query, if it has one, and takes that away.
func (f *finder) checkedFile(n *yaml.Node, text string, flow bool) {
	q := entryQuery{text: text, start: len(text)}
	if i := strings.IndexByte(text, '?'); i >= 0 {
		q.start = i
	}
	from, to, found := q.find(checksumKey)
	use := fileUse{by: checksumKey, end: len(text)}
	switch editable := n.Kind == yaml.Scalar && n.Anchor == "" && f.plainText(n); {
	case strings.Count(text[:q.start], "//") > 1:
		f.fromSource(n, lockfile.URL, text, Source{Fetch: text, Form: OneFile, Listed: true},
			"plumb does not read folders of archives; name the archive of the chart alone")
		return
	case !found && inRepository(text):
		use.by = "" // a commit holds it as well
	case !found && editable && !(flow && n.Style == yaml.Plain) && !strings.HasSuffix(text, "?") &&
		!strings.Contains(text, "#"):
		use.digestEdits = f.checksumEdits(n, text, q.query() != "")
	case !found:
	case to < len(text):
		use = fileUse{listed: "write checksum behind the other parameters of the URL"}
	case !sha256Digest(text[from:to]):
		use = fileUse{listed: "plumb reads checksum=sha256: and 64 hex digits alone"}
	default:
		use.digest = strings.ToLower(text[from:to])
		if use.end = from - len(checksumKey) - len("?="); editable {
			use.digestEdits = f.replaceIn(n, from, to, writeDigest)
		}
	}
	f.fileSource(n, use)
}

// inRepository reports whether the URL of a file takes the commit of a git repository.
func inRepository(text string) bool {
	u, ok := parseFileURL(text)
	return ok && u.repository != ""
}

// checksumEdits plans to put a digest into the query of the URL that n is. It takes the place
// of the last byte, so that a comment may go behind it.
func (f *finder) checksumEdits(n *yaml.Node, text string, hasQuery bool) []sourceEdit {
	last := len(text) - 1
	edits := f.replaceIn(n, last, len(text), writeDigest)
	if edits == nil {
		return nil
	}
	sep := "?"
	if hasQuery {
		sep = "&"
	}
	edits[0].before = text[last:] + sep + checksumKey + "="
	return edits
}

// sha256Digest reports whether s is "sha256:" and 64 hex digits.
func sha256Digest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(hex) != 64 {
		return false
	}
	for i := range len(hex) {
		if !isHexDigit(hex[i]) {
			return false
		}
	}
	return true
}
