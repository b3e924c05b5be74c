package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// maxName is longer than any reference a registry takes: 255 for the name, 128
// for the tag, 71 for the digest.
const maxName = 512

// The functions here judge text by its looks. They decide what a string in a
// field of unknown meaning may be, so each is a trade between missing an
// image and calling something else one.

// strong reports whether s can hardly be anything but an image: a registry's
// host name, a path, and a tag or digest.
func strong(s string) bool {
	slash := strings.IndexByte(s, '/')
	if slash <= 0 || slash == len(s)-1 || len(s) > maxName {
		return false
	}
	if !dottedHost(s[:slash]) {
		return false
	}
	rest := s[slash+1:]
	if at := strings.IndexByte(rest, '@'); at >= 0 {
		return strings.HasPrefix(rest[at:], "@sha256:") && parses(s)
	}
	colon := strings.LastIndexByte(rest, ':')
	return colon > 0 && colon > strings.LastIndexByte(rest, '/') && parses(s)
}

// medium reports whether s looks like an image in a field whose name says that
// it holds one: it has a tag, a digest or a registry's host.
func medium(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	n, err := oci.Parse(s)
	if err != nil || sourceHost(n.Host) {
		return false
	}
	if n.Digest != "" {
		return true
	}
	if n.Tag != "" && !address(s) {
		return true
	}
	slash := strings.IndexByte(s, '/')
	return slash > 0 && dottedHost(s[:slash])
}

// address reports whether s is a host and its port rather than a name and its tag.
func address(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 0 || strings.IndexByte(s, '/') >= 0 {
		return false
	}
	host, port := s[:colon], s[colon+1:]
	if strings.Trim(port, "0123456789") != "" || len(port) < 2 {
		return false
	}
	return host == "localhost" || strings.IndexByte(host, '.') >= 0
}

// dottedHost reports whether the first component of a reference is a host
// name that a registry can have.
func dottedHost(h string) bool {
	if h == "localhost" || strings.HasPrefix(h, "localhost:") {
		return true
	}
	if strings.HasPrefix(h, "[") {
		return strings.IndexByte(h, ']') > 0
	}
	name, port, hasPort := strings.Cut(h, ":")
	if hasPort && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return hasPort && name != ""
	}
	return dot > 0 && dot < len(name)-1 && !sourceHost(strings.ToLower(name))
}

// sourceHost reports whether host serves source code, never images: a name
// there is a Go import path, as ko takes it.
func sourceHost(host string) bool {
	switch host {
	case "github.com", "gitlab.com", "bitbucket.org", "golang.org", "go.uber.org", "sigs.k8s.io",
		"k8s.io", "gopkg.in":
		return true
	}
	return false
}

// sourcePath reports whether s is a Go import path such as
// "github.com/acme/app/cmd/server".
func sourcePath(s string) bool {
	host, rest, ok := strings.Cut(s, "/")
	return ok && sourceHost(host) && !strings.ContainsAny(rest, ":@")
}

func parses(s string) bool {
	_, err := oci.Parse(s)
	return err == nil
}

// templateIn says which kind of template s holds, or "".
func templateIn(s string) string {
	if strings.IndexByte(s, '{') < 0 && strings.IndexByte(s, '$') < 0 &&
		strings.IndexByte(s, '<') < 0 && strings.IndexByte(s, '(') < 0 &&
		strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '[') < 0 {
		return ""
	}
	for _, t := range templates {
		if i := strings.Index(s, t.open); i >= 0 &&
			(t.close == "" || strings.Contains(s[i:], t.close)) {
			return t.name
		}
	}
	return ""
}

var templates = []struct{ open, close, name string }{
	{"{{", "}}", "template"},
	{"${", "}", "variable"},
	{"$(", ")", "parameter"},
	{"(@", "@)", "ytt template"},
	{"{%", "%}", "template"},
	{"<%", "%>", "template"},
	{"<<", ">>", "template"},
	{"[[", "]]", "template"},
	{"((", "))", "template"},
	{"$", "", "variable"},
}
