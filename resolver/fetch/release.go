package fetch

import (
	"context"
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
	_, name, ok := cutPath(r.URL, latestPart)
	if !ok || name == "" {
		return "", &InvalidURLError{URL: clean(r.URL),
			Reason: "not a file of a latest release: want …" + latestPart + "FILE in it"}
	}
	return c.releases.Do(ctx, r.URL.String(), func(ctx context.Context) (string, error) {
		return c.latestRelease(ctx, r, name)
	})
}

// latestRelease is LatestRelease for a file of this name, as it is in the URL.
func (c *Client) latestRelease(
	ctx context.Context, r httpget.Request, name string,
) (string, error) {
	isRelease := func(u *url.URL) bool {
		_, rest, ok := cutPath(u, tagPart)
		return ok && strings.HasSuffix(rest, "/"+name)
	}
	at, err := c.sender.Location(ctx, r, isRelease)
	if err == nil && at == nil {
		err = &ContentError{
			Reason: "the server does not redirect to the file of a release",
			fix: "check that the repository has a release that is neither a draft nor a " +
				"pre-release; if it is private, " + addLogin(r.URL.Hostname()),
		}
	}
	if err != nil {
		return "", failed(ctx, r, err)
	}
	_, rest, _ := cutPath(at, tagPart)
	tag, err := url.PathUnescape(strings.TrimSuffix(rest, "/"+name))
	if err != nil || !isTag(tag) {
		return "", failed(ctx, r, &ContentError{
			Reason: "the server redirects to a release with the invalid tag \"" +
				httpget.Line(tag) + "\"",
			fix: "name the release in the URL: …" + tagPart + "TAG/FILE",
		})
	}
	return tag, nil
}

// cutPath cuts the path of a URL, as it is encoded, around its last part sep.
func cutPath(u *url.URL, sep string) (before, after string, ok bool) {
	path := u.EscapedPath()
	i := strings.LastIndex(path, sep)
	if i < 0 {
		return "", "", false
	}
	return path[:i], path[i+len(sep):], true
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
		return !unicode.IsPrint(r) || r == unicode.ReplacementChar || strings.ContainsRune(` ~^:?*[\`, r)
	}
	return tag != "@" && tag[0] != '-' && !strings.HasSuffix(tag, ".") && len(tag) <= 255 &&
		!strings.Contains(tag, "..") && !strings.Contains(tag, "@{") &&
		!strings.ContainsFunc(tag, odd)
}
