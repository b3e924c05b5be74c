package manifest

import (
	"net/url"
	"strings"
)

// segments are those of a URL's path, with the place of each in the URL's text.
type segments struct {
	text  string // up to the query
	start []int
	parts []string
}

// pathSegments cuts the path of a URL, which starts behind its host, into segments.
func (u *fileURL) pathSegments() segments {
	s := segments{text: u.text[:u.queryStart]}
	at := strings.Index(s.text, "://") + len("://")
	i := strings.IndexByte(s.text[at:], '/')
	if i < 0 {
		return s
	}
	for at += i + 1; ; {
		end := len(s.text)
		if i := strings.IndexByte(s.text[at:], '/'); i >= 0 {
			end = at + i
		}
		s.start, s.parts = append(s.start, at), append(s.parts, s.text[at:end])
		if end == len(s.text) {
			return s
		}
		at = end + 1
	}
}

// is reports whether the i-th segment is there and reads so.
func (s *segments) is(i int, want string) bool { return i < len(s.parts) && s.parts[i] == want }

// rest is the path from the i-th segment on, decoded.
func (s *segments) rest(i int) string {
	if i >= len(s.parts) {
		return ""
	}
	path := s.text[s.start[i]:]
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// locate finds the repository, ref and path that the URL leads to.
func (u *fileURL) locate(parsed *url.URL) {
	s := u.pathSegments()
	switch u.host {
	case "raw.githubusercontent.com":
		u.inPath(&s, 2, "https://github.com/"+ownerName(&s))
		return
	case "github.com", "www.github.com":
		u.onGitHub(&s)
		return
	case "gist.githubusercontent.com", "gist.github.com":
		u.gist(&s)
		return
	case "bitbucket.org":
		if s.is(2, "raw") {
			u.inPath(&s, 3, "https://bitbucket.org/"+ownerName(&s))
		}
		return
	case "cdn.jsdelivr.net":
		u.jsDelivr(&s)
		return
	}
	base := strings.ToLower(parsed.Scheme) + "://" + u.host + "/"
	for i := 2; i+2 < len(s.parts); i++ {
		switch {
		case s.is(i, "-") && s.is(i+1, "raw"):
			u.gitLab(&s, i+2, base+strings.Join(s.parts[:i], "/"), parsed)
			return
		case s.is(i, "raw") && (s.is(i+1, "branch") || s.is(i+1, "tag") || s.is(i+1, "commit")):
			u.gitea(&s, i+1, base+strings.Join(s.parts[:i], "/"))
			return
		}
	}
	if s.is(0, "api") && s.is(1, "v4") && s.is(2, "projects") {
		u.gitLabFile(&s, base, parsed)
	}
	if (s.is(0, "projects") || s.is(0, "users")) && s.is(2, "repos") && s.is(4, "raw") {
		u.bitbucketServer(&s, base, parsed)
	}
}

func ownerName(s *segments) string {
	return strings.Join(s.parts[:min(2, len(s.parts))], "/")
}

// inPath finds a ref that is the i-th segment, or the three from there on if they are a full
// one.
func (u *fileURL) inPath(s *segments, i int, repository string) {
	last := i
	if s.is(i, "refs") && i+2 < len(s.parts) {
		if last = i + 2; s.is(i+1, "pull") {
			last = i + 3 // refs/pull/12/head
		}
	}
	if last+1 >= len(s.parts) || s.parts[i] == "" {
		return // no file in it is named
	}
	end := s.start[last] + len(s.parts[last])
	u.refAt(s.start[i], end, s.text[s.start[i]:end])
	u.repository, u.path = repository, s.rest(last+1)
}

// onGitHub finds what a URL at github.com leads to: a file of a branch, tag or commit, or one
// of a release.
func (u *fileURL) onGitHub(s *segments) {
	repository := "https://github.com/" + ownerName(s)
	switch {
	case s.is(2, "raw"), s.is(2, "blob"):
		u.inPath(s, 3, repository)
	case s.is(2, "releases") && s.is(3, "latest") && s.is(4, "download") && len(s.parts) > 5:
		u.form, u.released = LatestRelease, true
	case s.is(2, "releases") && s.is(3, "download") && len(s.parts) > 5:
		u.released, u.tag = true, s.parts[4]
	default:
		return
	}
	if u.released {
		u.style, u.before = releaseRef, "download/"
		u.from, u.to = s.start[3], s.start[4]+len(s.parts[4])
	}
}

// gist finds what a URL of a gist leads to: "/USER/ID/raw/FILE", with the commit before the
// file once it is pinned.
func (u *fileURL) gist(s *segments) {
	if !s.is(2, "raw") || len(s.parts) < 4 || s.parts[3] == "" || len(s.parts) > 5 {
		return
	}
	u.style, u.after = gistRef, "/"
	u.repository = "https://gist.github.com/" + s.parts[1]
	from := s.start[3]
	if len(s.parts) == 4 {
		u.refAt(from, from, "")
		u.path = s.rest(3)
		return
	}
	u.refAt(from, s.start[4], s.parts[3])
	u.path = s.rest(4)
}

// jsDelivr finds what a URL of jsDelivr leads to: "/gh/OWNER/NAME@REF/PATH". Without REF, and
// for a range, it chooses among the tags itself.
func (u *fileURL) jsDelivr(s *segments) {
	if !s.is(0, "gh") || len(s.parts) < 4 {
		return
	}
	name, ref, tagged := strings.Cut(s.parts[2], "@")
	if !tagged || ref == "" || ref == "latest" || strings.Trim(ref, "0123456789.xX*^~") == "" &&
		strings.Count(ref, ".") < 2 || strings.ContainsAny(ref, "*^~<>") {
		u.form, u.why = NoForm, "jsDelivr chooses the version when it is asked: write a tag"
		return
	}
	at := s.start[2] + len(name) + 1
	u.refAt(at, at+len(ref), ref)
	u.repository = "https://github.com/" + s.parts[1] + "/" + name
	u.path = s.rest(3)
}

// gitLab finds the ref that is the i-th segment of a URL of GitLab; the query may say which
// kind it is of.
func (u *fileURL) gitLab(s *segments, i int, repository string, parsed *url.URL) {
	if u.inPath(s, i, repository); u.repository == "" {
		return
	}
	u.style = gitlabRef
	kind := parsed.Query().Get("ref_type")
	if kind != "heads" && kind != "tags" {
		return
	}
	if u.form == BranchOrTag {
		u.form, u.follows = FullRef, "refs/"+kind+"/"+u.follows
	}
	u.cutFrom, u.cutTo = u.queryPart("ref_type")
}

// queryPart is where a parameter of the query stands, with the mark before or behind it that
// is not needed without it.
func (u *fileURL) queryPart(key string) (from, to int) {
	from, to = u.parameter(key)
	switch {
	case to == 0:
		return 0, 0
	case to < len(u.text) && u.text[to] == '&':
		return from, to + 1
	}
	return from - 1, to
}

// parameter is where "key=value" stands in the query; 0, 0 if it does not.
func (u *fileURL) parameter(key string) (from, to int) {
	end := len(u.text)
	if i := strings.IndexByte(u.text, '#'); i >= 0 {
		end = i
	}
	for from = u.queryStart + 1; from < end; from = to + 1 {
		if to = from + strings.IndexByte(u.text[from:end]+"&", '&'); strings.HasPrefix(
			u.text[from:to], key+"=") {
			return from, to
		}
	}
	return 0, 0
}

// gitea finds the ref of a URL of Gitea or Forgejo, whose kind is the i-th segment.
func (u *fileURL) gitea(s *segments, i int, repository string) {
	if i+2 >= len(s.parts) || s.is(i, "commit") && !fullCommit(s.parts[i+1]) {
		return
	}
	u.style, u.before = giteaRef, "commit/"
	u.refAt(s.start[i], s.start[i+1]+len(s.parts[i+1]), s.parts[i+1])
	switch s.parts[i] {
	case "branch":
		u.form, u.follows, u.pin = FullRef, "refs/heads/"+u.follows, ""
	case "tag":
		u.form, u.follows, u.pin = FullRef, "refs/tags/"+u.follows, ""
	}
	u.repository, u.path = repository, s.rest(i+2)
}

// gitLabFile finds what a URL of GitLab's API leads to:
// "/api/v4/projects/ID/repository/files/PATH/raw?ref=REF", where ID is a number or the
// project's path, encoded.
func (u *fileURL) gitLabFile(s *segments, base string, parsed *url.URL) {
	if len(s.parts) != 8 || !s.is(4, "repository") || !s.is(5, "files") || !s.is(7, "raw") {
		return
	}
	project, err := url.PathUnescape(s.parts[3])
	if err != nil || !strings.Contains(project, "/") {
		u.form = NoForm
		u.why = "the URL names its project by a number: write its path, group%2Fproject"
		return
	}
	u.inQuery("ref", parsed)
	u.repository = base + project
	if u.path, err = url.PathUnescape(s.parts[6]); err != nil {
		u.path = s.parts[6]
	}
}

// bitbucketServer finds what a URL of Bitbucket Server leads to:
// "/projects/P/repos/R/raw/PATH?at=REF".
func (u *fileURL) bitbucketServer(s *segments, base string, parsed *url.URL) {
	if len(s.parts) < 6 {
		return
	}
	project := s.parts[1]
	if s.is(0, "users") {
		project = "~" + project
	}
	u.inQuery("at", parsed)
	u.repository = base + "scm/" + project + "/" + s.parts[3] + ".git"
	u.path = s.rest(5)
}

// inQuery finds a ref that is a parameter of the query, without which it is HEAD.
func (u *fileURL) inQuery(key string, parsed *url.URL) {
	u.style = queryRef
	from, to := u.parameter(key)
	if to == 0 {
		u.before = "?" + key + "="
		if parsed.RawQuery != "" {
			u.before = "&" + key + "="
		}
		at := len(u.text)
		if i := strings.IndexByte(u.text, '#'); i >= 0 {
			at = i
		}
		u.refAt(at, at, "")
		return
	}
	u.before = key + "="
	u.refAt(from, to, parsed.Query().Get(key))
}
