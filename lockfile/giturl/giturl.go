// Package giturl reads the URLs of git repositories in the forms that git and the
// consumers of manifests take, and tells which of them name one repository.
package giturl

import (
	"net/url"
	"path"
	"strings"
)

// Canonical is the form of a repository's URL that a lock has: an scp-like address
// ("git@host:path") becomes an ssh URL, scheme and host are in lower case, user, default
// port, query, fragment and trailing slashes are gone. ok is false for what names no
// repository on a host: a local path, a file URL without a path, an empty text.
func Canonical(s string) (canonical string, ok bool) {
	u, ok := parse(s)
	if !ok {
		return "", false
	}
	return u.String(), true
}

// Key is the same text for all URLs of one repository: host and path in lower case,
// without scheme, user, port and ".git". It is "" for what is no repository's URL.
func Key(s string) string {
	u, ok := parse(s)
	if !ok {
		return ""
	}
	p := strings.TrimSuffix(strings.ToLower(u.Path), ".git")
	return strings.ToLower(u.Hostname()) + strings.TrimRight(p, "/")
}

// Same reports whether two URLs name one repository.
func Same(a, b string) bool {
	k := Key(a)
	return k != "" && k == Key(b)
}

// defaultPort is the port that a URL of the scheme need not have.
func defaultPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	case "ssh":
		return "22"
	case "git":
		return "9418"
	}
	return ""
}

// parse reads a URL in canonical form.
func parse(s string) (*url.URL, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "git::")
	if host, p, ok := scp(s); ok {
		s = "ssh://" + host + "/" + strings.TrimLeft(p, "/")
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, false
	}
	u.Scheme = strings.TrimPrefix(strings.ToLower(u.Scheme), "git+")
	switch u.Scheme {
	case "https", "http", "ssh", "git":
		if u.Hostname() == "" {
			return nil, false
		}
	case "file":
	default:
		return nil, false
	}
	out := &url.URL{Scheme: u.Scheme, Host: host(u)}
	if out.Path = path.Clean("/" + u.Path); out.Path == "/" {
		return nil, false
	}
	return out, true
}

// host is the host of u in lower case, with its port unless that is the scheme's own.
func host(u *url.URL) string {
	name := strings.ToLower(u.Hostname())
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		return name + ":" + port
	}
	return name
}

// scp takes apart an address as scp has it, "user@host:path". Git takes for one what has
// no "://" and a colon before the first slash (gitprotocol, "GIT URLS").
func scp(s string) (host, path string, ok bool) {
	if strings.Contains(s, "://") {
		return "", "", false
	}
	colon := strings.IndexByte(s, ':')
	if slash := strings.IndexByte(s, '/'); colon <= 0 || slash >= 0 && slash < colon {
		return "", "", false
	}
	host, path = s[:colon], s[colon+1:]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	} else if len(host) == 1 {
		return "", "", false // a drive of Windows
	}
	return host, path, host != "" && path != ""
}
