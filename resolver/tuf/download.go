package tuf

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// downloader sends the requests of one Fetch, and keeps the roots that it got.
type downloader struct {
	ctx    context.Context // of the Fetch, which the TUF library does not pass on
	client *http.Client
	roots  map[string][]byte // by name
}

// DownloadFile implements the TUF library's Fetcher.
func (d *downloader) DownloadFile(url string, limit int64, _ time.Duration) ([]byte, error) {
	request, err := http.NewRequestWithContext(d.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: resp.StatusCode, URL: url}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", url, err)
	}
	if int64(len(data)) > limit {
		return nil, &metadata.ErrDownloadLengthMismatch{
			Msg: fmt.Sprintf("GET %s: longer than the limit of %d bytes", url, limit),
		}
	}
	if name := path.Base(url); isRoot(name) {
		d.roots[name] = data
	}
	return data, nil
}

// isRoot reports whether a file name is that of a version of the root.
func isRoot(name string) bool {
	version, ok := strings.CutSuffix(name, ".root.json")
	_, err := strconv.ParseUint(version, 10, 63)
	return ok && err == nil
}
