package git

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// Address is the address of a repository.
type Address struct {
	// Scheme is "https", "http", "ssh", "git" or "file".
	Scheme string
	// User is that of SSH.
	User string
	// Host has a port if the URL has one.
	Host string
	// Path is that on the server, or of the folder.
	Path string
}

// ParseAddress reads a URL, the short form user@host:path of SSH, or the absolute path
// of a folder. A password is rejected, since addresses are printed and logged.
func ParseAddress(s string) (Address, error) {
	if path.IsAbs(s) && !strings.ContainsAny(s, "\x00\n\r") {
		return Address{Scheme: "file", Path: path.Clean(s)}, nil
	}
	if a, ok := parseShort(s); ok {
		return a, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		// Without the cause: it has the URL, and maybe a password.
		return Address{}, errors.New("invalid repository URL")
	}
	a := Address{Scheme: u.Scheme, User: u.User.Username(), Host: u.Host, Path: u.Path}
	_, password := u.User.Password()
	switch {
	case password, a.User != "" && a.Scheme != "ssh":
		return Address{}, fmt.Errorf("the repository URL has credentials in it: keep them in files")
	case u.RawQuery != "" || u.Fragment != "":
		return Address{}, fmt.Errorf("%s: a repository URL has no query and no fragment", a)
	}
	switch a.Scheme {
	case "https", "http", "ssh", "git":
		if a.Host == "" || strings.Trim(a.Path, "/") == "" {
			return Address{}, fmt.Errorf("%s: host or path is missing", a)
		}
	case "file":
		if a.Host != "" || !path.IsAbs(a.Path) {
			return Address{}, fmt.Errorf("%s: write file:///folder", a)
		}
	default:
		return Address{}, fmt.Errorf("invalid repository %s: write https://host/path, "+
			"ssh://user@host/path or user@host:path", s)
	}
	if strings.HasPrefix(a.User, "-") || strings.HasPrefix(a.Host, "-") ||
		strings.ContainsAny(s, "\x00\n\r") {
		return Address{}, fmt.Errorf("invalid repository %q", s)
	}
	return a, nil
}

// parseShort reads user@host:path.
func parseShort(s string) (Address, bool) {
	if strings.Contains(s, "://") {
		return Address{}, false
	}
	host, path, ok := strings.Cut(s, ":")
	user, name, named := strings.Cut(host, "@")
	if !ok || !named || user == "" || name == "" || path == "" ||
		strings.ContainsAny(s, "\x00\n\r'") || strings.Contains(host, "/") ||
		strings.HasPrefix(s, "-") || strings.HasPrefix(name, "-") {
		return Address{}, false
	}
	return Address{Scheme: "ssh", User: user, Host: name, Path: path}, true
}

// String is the address as a URL, without the user.
func (a Address) String() string {
	return a.Scheme + "://" + a.Host + "/" + strings.TrimPrefix(a.Path, "/")
}

// Authenticated reports whether the connection authenticates the server, so that nothing
// between can answer in its place. A loopback address has nothing between.
func (a Address) Authenticated() bool {
	switch a.Scheme {
	case "https", "ssh", "file":
		return true
	}
	host := a.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}
