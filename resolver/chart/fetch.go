package chart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/httpget"
)

// The names of what says which archive a version has.
const (
	indexName = "index.yaml"
	lockName  = "plumb.lock"
)

// archive is what was read at a URL.
type archive struct {
	digest, manifest string
	content          string
	chart            content.Chart
	err              error // why it is not a chart
}

// fetch reads the archive of a version. Only what could not be read is an error.
func (c *Client) fetch(ctx context.Context, n Name, v Version) (archive, error) {
	if isOCI(n.Repo) {
		return c.fetchOCI(ctx, v.URL)
	}
	r, err := c.sender.repository(n.Repo)
	switch {
	case err != nil:
		return archive{}, err
	case v.URL == "":
		return archive{}, errors.New("no URL of an archive in the index")
	case isOCI(v.URL): // some indexes name archives in a registry
		if err := c.sender.mayDirect(ctx, r, v.URL); err != nil {
			return archive{}, err
		}
		return c.fetchOCI(ctx, v.URL)
	}
	u, err := url.Parse(v.URL)
	if err != nil {
		return archive{}, errors.New("malformed URL of an archive in the index")
	}
	u.Host = strings.ToLower(u.Host)
	if err := c.sender.http.CheckScheme(u); err != nil {
		return archive{}, fmt.Errorf("archive at %s: %w", httpget.CleanURL(v.URL), err)
	}
	var data bytes.Buffer
	get := request{repo: r, url: u, accept: "application/gzip,application/octet-stream",
		what: "archive", most: content.MaxPacked, asIs: true}
	err = c.sender.get(ctx, get, func(from io.Reader) error {
		data.Reset()
		_, err := data.ReadFrom(from)
		return err
	})
	if err != nil {
		return archive{}, err
	}
	return c.readArchive(data.Bytes())
}

// readArchive hashes an archive, and keeps it if it is a chart.
func (c *Client) readArchive(data []byte) (archive, error) {
	c.unpacks <- struct{}{}
	a := hashArchive(data)
	<-c.unpacks
	if c.keep == nil || a.err != nil {
		return a, nil
	}
	if err := c.keep(a.digest, data); err != nil {
		return archive{}, fmt.Errorf("keeping the archive: %w", err)
	}
	return a, nil
}

func hashArchive(data []byte) archive {
	a := archive{digest: content.Digest(data)}
	if begin := bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n"); bytes.HasPrefix(begin,
		[]byte("<")) {
		a.err = errors.New("the server answered with an HTML page, not with an archive")
		return a
	}
	files, err := content.Files(bytes.NewReader(data))
	if err == nil {
		a.chart, err = content.Describe(files)
	}
	if err == nil {
		a.content, err = content.Hash(files)
	}
	a.err = err
	return a
}

// of returns the archive as that of a version, if it is one.
func (a archive) of(n Name, v Version) (Archive, error) {
	found := Archive{
		Digest: a.digest, Content: a.content, Manifest: a.manifest,
		Name: a.chart.Name, Version: a.chart.Version, AppVersion: a.chart.AppVersion,
	}
	claimed := strings.ToLower(v.Digest)
	var err error
	switch {
	case claimed != "" && !lockfile.ValidDigest(claimed):
		err = fmt.Errorf("%s has %q for the archive's digest, which is not a SHA-256 digest",
			indexName, httpget.Line(v.Digest))
	case claimed != "" && claimed != a.digest:
		return Archive{}, &ContentError{n, v.Version, indexName, claimed, a.digest}
	case a.err != nil:
		err = fmt.Errorf("archive at %s: %w", httpget.CleanURL(v.URL), a.err)
	case a.chart.Name != n.Chart || !sameVersion(a.chart.Version, v.Version):
		err = fmt.Errorf("archive at %s: its Chart.yaml says that it is chart %q, version %q",
			httpget.CleanURL(v.URL), httpget.Line(a.chart.Name), httpget.Line(a.chart.Version))
	default:
		return found, nil
	}
	return Archive{}, about(n, v, err)
}

// sameVersion reports whether two versions are the same but for a "v" before one.
func sameVersion(a, b string) bool {
	return strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v")
}

// isHex64 reports whether a digest is written without its algorithm, as helm does.
func isHex64(s string) bool { return lockfile.ValidDigest("sha256:" + strings.ToLower(s)) }

// Check reports whether a version of a chart is still what it was: nil says that its
// archive was read now and has the digest. The error is a *NotFoundError if the repository
// does not have the version any more, and a *ContentError if it has another archive for
// it. Any other error says that this is not known.
func (c *Client) Check(ctx context.Context, n Name, version, digest string) error {
	v, err := c.listed(ctx, n, version)
	if err != nil {
		return err
	}
	a, err := c.archives.Do(ctx, n.key()+" "+v.URL, func() (archive, error) {
		return c.fetch(ctx, n, v)
	})
	switch {
	case err != nil:
		return about(n, v, err)
	case a.digest != digest:
		return &ContentError{n, version, lockName, digest, a.digest}
	}
	_, err = a.of(n, v)
	return err
}

// listed returns a version that is written exactly so.
func (c *Client) listed(ctx context.Context, n Name, version string) (Version, error) {
	if isOCI(n.Repo) {
		return ociVersion(n, version)
	}
	list, err := c.Versions(ctx, n)
	if err != nil {
		return Version{}, err
	}
	for _, v := range list {
		if v.Version == version {
			return v, nil
		}
	}
	return Version{}, &NotFoundError{Name: n, Version: version}
}
