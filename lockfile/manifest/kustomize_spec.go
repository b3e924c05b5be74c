package manifest

import (
	"net/url"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/giturl"
)

// repoSpec is an entry of a kustomization that names a folder of a git repository.
type repoSpec struct {
	clone string // what kustomize gives to git clone
	dir   string // of the kustomization in it, "" for its root
	ref   string // what it checks out, "" for the remote's HEAD
	// marked: something in the entry says that it is a repository, besides its length.
	marked bool
	query  int // where the query starts in the entry, its length if there is none
}

// parseRepoSpec takes an entry apart as kustomize does, and reports whether kustomize takes
// it for a git repository: api/internal/git/repospec.go, NewRepoSpecFromURL.
func parseRepoSpec(entry string) (s repoSpec, ok bool) {
	if strings.HasPrefix(entry, "/") || strings.Contains(entry, "\n") {
		return s, false
	}
	address, query, hasQuery := strings.Cut(entry, "?")
	s.query = len(address)
	host, rest, ok := repoHost(address)
	if !ok {
		return s, false
	}
	if hasQuery {
		s.ref = refInQuery(query)
	}
	repo, dir, marked := splitAtMark(rest)
	s.marked = marked || hasQuery && s.ref != ""
	switch parts := strings.Split(rest, "/"); {
	case marked:
	case strings.HasPrefix(host, "file://"):
		repo = rest
	case len(parts) < 2:
		return s, false
	default:
		repo, dir = parts[0]+"/"+parts[1], strings.Join(parts[2:], "/")
	}
	dir = strings.TrimPrefix(dir, "/")
	if up := path.Clean(dir); repo == "" || up == ".." || strings.HasPrefix(up, "../") {
		return s, false
	}
	s.clone, s.dir = host+repo, dir
	return s, true
}

// refInQuery is what a query asks to check out: ref counts before version. A query that Go
// cannot parse counts for nothing.
func refInQuery(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	if ref := values.Get("ref"); ref != "" {
		return ref
	}
	return values.Get("version")
}

// splitAtMark parts the path of a repository from that of the kustomization in it, where a
// mark does: "_git/REPO", "//" or ".git", in this order.
func splitAtMark(rest string) (repo, dir string, ok bool) {
	if i := strings.Index(rest, "_git/"); i >= 0 {
		i += len("_git/")
		name, dir, _ := strings.Cut(rest[i:], "/")
		return rest[:i] + name, dir, true
	}
	if repo, dir, ok = strings.Cut(rest, "//"); ok {
		return repo, dir, true
	}
	if i := strings.Index(rest, ".git"); i >= 0 {
		i += len(".git")
		return rest[:i], rest[i:], true
	}
	return "", "", false
}

// repoHost parts the host of a repository, with scheme and user, from the rest. Without a
// scheme only github.com and addresses as scp has them are repositories; what kustomize
// knows to be at github.com it fetches over SSH if there is a user, else over HTTPS.
func repoHost(s string) (host, rest string, ok bool) {
	if len(s) >= 5 && strings.EqualFold(s[:5], "git::") {
		s = s[5:]
	}
	scheme := ""
	for _, known := range [...]string{"ssh://", "https://", "http://", "file://"} {
		if len(s) >= len(known) && strings.EqualFold(s[:len(known)], known) {
			scheme, s = known, s[len(known):]
			break
		}
	}
	if scheme == "file://" {
		return scheme, s, true
	}
	user := userOf(s)
	s = s[len(user):]
	const gitHub = "github.com"
	onGitHub := len(s) > len(gitHub) && strings.EqualFold(s[:len(gitHub)], gitHub) &&
		(s[len(gitHub)] == '/' || s[len(gitHub)] == ':')
	scp := scheme == "" && (user != "" || onGitHub)
	if scheme == "" && !scp {
		return "", "", false
	}
	end := strings.IndexByte(s, '/')
	if colon := strings.IndexByte(s, ':'); scp && (end < 0 || colon > 0 && colon < end) {
		end = colon
	}
	host = s[:end+1]
	if rest = s[end+1:]; end < 0 {
		host, rest = s, ""
	}
	switch {
	case onGitHub && (scheme == "ssh://" || user != ""):
		return user + "github.com:", rest, true
	case onGitHub:
		return "https://github.com/", rest, true
	}
	return scheme + user + host, rest, host != ""
}

// userOf is the "user@" that an address starts with, "" if none or one that has a password.
func userOf(s string) string {
	at := strings.IndexByte(s, '@')
	if at <= 0 || !isLetter(s[0]) {
		return ""
	}
	for i := range at {
		if c := s[i]; !isLetter(c) && c != '-' && (c < '0' || c > '9') {
			return ""
		}
	}
	return s[:at+1]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// remoteFolder reports whether an entry of resources is a folder of a repository: kustomize
// asks the server, and without it the text must tell. A file is what is at a host that
// serves files of repositories, or has the name of a manifest.
func remoteFolder(entry string) (s repoSpec, ok bool) {
	s, ok = parseRepoSpec(entry)
	if !ok || !isFileURL(entry) {
		return s, ok
	}
	if u, read := parseFileURL(entry); read && (u.repository != "" || u.released ||
		u.form == NoForm) {
		return s, false
	}
	switch strings.ToLower(path.Ext(entry[:s.query])) {
	case ".yaml", ".yml", ".json":
		return s, s.marked
	}
	_, known := giturl.Canonical(s.clone)
	return s, known
}
