package fetch

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/plumb-dev/plumb/resolver/httpget"
)

// The parts of a release's URLs before the tag or the file.
const (
	latestPart = "/releases/latest/download/"
	tagPart    = "/releases/download/"
)

// LatestRelease returns the tag of the latest release, for a URL of the form
// https://github.com/OWNER/REPOSITORY/releases/latest/download/FILE, at any host. The tag is
// in the URL to which the host redirects; the file is not downloaded. Whether the release has
// it is not known after that. Errors are those of Digest.
func (c *Client) LatestRelease(ctx context.Context, url string) (string, error) {
	r, err := c.request(url)
	if err != nil {
		return "", err
	}
	name, ok := latestFile(r.URL)
	if !ok {
		return "", &InvalidURLError{URL: clean(r.URL),
			Reason: "not a file of a latest release: want …" + latestPart + "FILE in it"}
	}
	return c.releases.Do(ctx, r.URL.String(), func() (string, error) {
		tag, err := c.latestRelease(ctx, r, name)
		if err != nil {
			return "", failed(ctx, r, err)
		}
		return tag, nil
	})
}

// latestRelease is LatestRelease for a file of this name.
func (c *Client) latestRelease(
	ctx context.Context, r httpget.Request, name string,
) (string, error) {
	at, err := c.sender.Location(ctx, r, func(u *url.URL) bool {
		_, _, ok := releaseFile(u)
		return ok
	})
	if err != nil {
		return "", err
	}
	if at == nil {
		return "", &ContentError{
			Reason: "the server does not redirect to the file of a release",
			fix: "check that the repository has a release that is neither a draft nor a " +
				"pre-release; if it is private: " + addLogin(r.URL.Hostname()),
		}
	}
	tag, file, _ := releaseFile(at)
	reason := ""
	switch {
	case file != name:
		reason = fmt.Sprintf("the server redirects to another file, %q", httpget.Line(file))
	case !isTag(tag):
		reason = fmt.Sprintf("the server redirects to a release with the invalid tag %q",
			httpget.Line(tag))
	default:
		return tag, nil
	}
	return "", &ContentError{Reason: reason,
		fix: "name the release in the URL: …" + tagPart + "TAG/FILE"}
}

// latestFile returns the name of the file in a URL of the latest release.
func latestFile(u *url.URL) (name string, ok bool) {
	rest, ok := after(u, latestPart)
	if !ok || rest == "" || strings.Contains(rest, "/") {
		return "", false
	}
	name, err := url.PathUnescape(rest)
	return name, err == nil
}

// releaseFile returns the tag and the name of the file in a URL of a release.
func releaseFile(u *url.URL) (tag, name string, ok bool) {
	rest, _ := after(u, tagPart)
	i := strings.LastIndex(rest, "/") // a tag can have one, a file cannot
	if i < 0 {
		return "", "", false
	}
	tag, err := url.PathUnescape(rest[:i])
	if err != nil {
		return "", "", false
	}
	name, err = url.PathUnescape(rest[i+1:])
	return tag, name, err == nil
}

// after returns what comes after part in the path of a URL, as it is encoded.
func after(u *url.URL, part string) (rest string, ok bool) {
	path := u.EscapedPath()
	i := strings.LastIndex(path, part)
	if i < 0 {
		return "", false
	}
	return path[i+len(part):], true
}

// isTag reports whether git takes a name for a tag's (git-check-ref-format(1)). What a server
// says goes into manifests.
func isTag(tag string) bool {
	for part := range strings.SplitSeq(tag, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	odd := func(r rune) bool {
		return !unicode.IsPrint(r) || r == unicode.ReplacementChar ||
			strings.ContainsRune(` ~^:?*[\`, r)
	}
	return tag != "@" && tag[0] != '-' && !strings.HasSuffix(tag, ".") && len(tag) <= 255 &&
		!strings.Contains(tag, "..") && !strings.Contains(tag, "@{") &&
		!strings.ContainsFunc(tag, odd)
}
