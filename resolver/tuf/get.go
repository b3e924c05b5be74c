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

// getter sends the requests of one Fetch, and keeps the roots that were answered.
type getter struct {
	ctx    context.Context // of the Fetch, which the TUF library does not hand on
	client *http.Client
	roots  map[string][]byte // by name
}

// DownloadFile implements the TUF library's Fetcher.
func (g *getter) DownloadFile(url string, limit int64, _ time.Duration) ([]byte, error) {
	request, err := http.NewRequestWithContext(g.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := g.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: answer.StatusCode, URL: url}
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", url, err)
	}
	if int64(len(data)) > limit {
		return nil, &metadata.ErrDownloadLengthMismatch{Msg: fmt.Sprintf("GET %s: more than the %d bytes that are read", url, limit)}
	}
	if name := path.Base(url); isRoot(name) {
		g.roots[name] = data
	}
	return data, nil
}

// isRoot reports whether a file is called as a version of the root is.
func isRoot(name string) bool {
	version, ok := strings.CutSuffix(name, ".root.json")
	_, err := strconv.ParseUint(version, 10, 63)
	return ok && err == nil
}
