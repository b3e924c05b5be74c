package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// The media types of a chart in a registry (helm.sh/docs/topics/registries).
const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	helmConfig  = "application/vnd.cncf.helm.config.v1+json"
	helmLayer   = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	legacyLayer = "application/tar+gzip"
)

// ociName returns the repository of a chart in a registry, for "oci://host/path" and a
// chart, or for the URL of a version, with its tag.
func ociName(text string) (oci.Name, error) {
	rest := strings.TrimPrefix(text, "oci://")
	host, _, _ := strings.Cut(rest, "/")
	if host != "localhost" && !strings.ContainsAny(host, ".:") {
		return oci.Name{}, fmt.Errorf("chart repository %q: no host in its URL", httpget.Line(text))
	}
	name, err := oci.Parse(rest)
	var invalid *oci.NameError
	if errors.As(err, &invalid) {
		return oci.Name{}, fmt.Errorf("chart repository %q: %s", httpget.Line(text), invalid.Reason)
	}
	return name, err
}

// ociURL returns the URL of a chart's repository in a registry.
func (n Name) ociURL() string { return strings.TrimRight(n.Repo, "/") + "/" + n.Chart }

// ociVersion returns a version that is not looked up. A tag has "_" in place of "+".
func ociVersion(n Name, version string) (Version, error) {
	v := Version{Version: version,
		URL: n.ociURL() + ":" + strings.ReplaceAll(version, "+", "_")}
	_, err := ociName(v.URL)
	return v, err
}

// ociVersions returns the versions that a chart's tags are.
func (c *Client) ociVersions(ctx context.Context, n Name) ([]Version, error) {
	repo, err := ociName(n.ociURL())
	if err != nil {
		return nil, err
	}
	list, err := c.tags.Do(ctx, repo.Repo(), func() ([]Version, error) {
		tags, err := c.registry.Tags(ctx, repo)
		var e *transport.Error
		switch {
		case errors.As(err, &e) && e.NotFound():
			return nil, &NotFoundError{Name: n, Err: err}
		case err != nil:
			return nil, fmt.Errorf("chart %q of %s: %w", n.Chart, n.Repo, err)
		}
		var list []Version
		for _, tag := range tags {
			version := strings.ReplaceAll(tag, "_", "+")
			if !isExact(version) { // as Helm, but with a "v"
				continue
			}
			list = append(list, Version{Version: version, URL: n.ociURL() + ":" + tag})
		}
		return newestFirst(list), nil
	})
	return slices.Clone(list), err // it is shared
}

// manifest is the part of an OCI manifest that says where a chart is.
type manifest struct {
	MediaType string       `json:"mediaType"`
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// fetchOCI reads the archive with a URL "oci://host/path:tag".
func (c *Client) fetchOCI(ctx context.Context, url string) (archive, error) {
	name, err := ociName(url)
	if err != nil {
		return archive{}, err
	}
	ref := name.Tag
	if name.Digest != "" {
		ref = name.Digest
	}
	raw, err := c.get(ctx, name, "manifests/"+ref, ociManifest)
	if err != nil {
		return archive{}, err
	}
	read := content.Digest(raw)
	if name.Digest != "" && name.Digest != read {
		return archive{}, fmt.Errorf("the registry returned another manifest, %s", read)
	}
	layer, err := chartLayer(raw)
	if err != nil {
		return archive{}, fmt.Errorf("manifest %s of %s: %w", read, url, err)
	}
	data, err := c.get(ctx, name, "blobs/"+layer.Digest, "")
	if err != nil {
		return archive{}, err
	}
	if got := content.Digest(data); got != layer.Digest {
		return archive{}, fmt.Errorf("the registry returned another layer: %s, not %s as its "+
			"manifest %s says", got, layer.Digest, read)
	}
	a, err := c.readArchive(data)
	a.manifest = read
	return a, err
}

// chartLayer returns the layer of a manifest that is a packed chart.
func chartLayer(raw []byte) (descriptor, error) {
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return descriptor{}, fmt.Errorf("not a manifest: %w", err)
	}
	if m.Config.MediaType != helmConfig {
		return descriptor{}, fmt.Errorf("not a Helm chart: its config is of type %q",
			httpget.Line(m.Config.MediaType))
	}
	var found []descriptor
	for _, l := range m.Layers {
		if l.MediaType == helmLayer || l.MediaType == legacyLayer {
			found = append(found, l)
		}
	}
	switch {
	case len(found) != 1:
		return descriptor{}, fmt.Errorf("it has %d layers with a chart, want one", len(found))
	case !lockfile.ValidDigest(found[0].Digest):
		return descriptor{}, fmt.Errorf("invalid digest %q of its layer", httpget.Line(found[0].Digest))
	case found[0].Size > transport.MaxBody:
		return descriptor{}, fmt.Errorf("its chart has %d bytes; plumb's limit for charts in "+
			"registries is %d MiB", found[0].Size, transport.MaxBody>>20)
	}
	return found[0], nil
}

// get fetches what is at a path of a repository.
func (c *Client) get(ctx context.Context, repo oci.Name, path, accept string) ([]byte, error) {
	at := "https://" + repo.Host + "/v2/" + repo.Repository + "/" + path
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	resp, err := c.registry.RoundTripper().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &transport.Error{
			Op: http.MethodGet, URL: at, Host: repo.Host, Status: resp.StatusCode,
		}
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(io.LimitReader(resp.Body, content.MaxPacked+1)); err != nil {
		return nil, transport.InvalidContent(repo.Host, at, err)
	}
	return data.Bytes(), nil
}
