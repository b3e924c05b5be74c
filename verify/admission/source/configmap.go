package source

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// archiveKey is the key of a ConfigMap that has a tree as a gzipped tar file.
const archiveKey = "plumb.tar.gz"

// ConfigMap is a lock in a ConfigMap, with a key a file: plumb.lock and plumb.yaml are those
// at the top, sha256-….json are evidence, and others are policies and the files that these
// name. Instead, one key plumb.tar.gz can have a whole tree.
type ConfigMap struct {
	name string
	read func(context.Context) (map[string][]byte, error)
}

// NewConfigMap returns a source that reads a ConfigMap by calling read. name is for
// messages.
func NewConfigMap(name string, read func(context.Context) (map[string][]byte, error)) *ConfigMap {
	return &ConfigMap{name, read}
}

// String names the ConfigMap.
func (c *ConfigMap) String() string { return "configmap " + c.name }

// Fetch reads the ConfigMap.
func (c *ConfigMap) Fetch(ctx context.Context, served Version) (Version, error) {
	data, err := c.read(ctx)
	if err != nil {
		return Version{}, fmt.Errorf("%s: %w", c, err)
	}
	files, err := filesOf(data)
	if err != nil {
		return Version{}, fmt.Errorf("%s: %w", c, err)
	}
	v := Version{Source: c.String(), Commit: files.Digest(), Time: time.Now(), Files: files}
	if v.Commit == served.Commit {
		return Version{}, ErrUnchanged
	}
	return v, nil
}

// filesOf maps the keys of a ConfigMap to files.
func filesOf(data map[string][]byte) (Files, error) {
	if archive, ok := data[archiveKey]; ok {
		if len(data) > 1 {
			return nil, fmt.Errorf("it has other keys beside %s", archiveKey)
		}
		files, err := untar(archive)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archiveKey, err)
		}
		return files, nil
	}
	files := Files{}
	for key, content := range data {
		switch {
		case key == "plumb.lock" || key == "plumb.yaml":
			files[key] = content
		case strings.HasPrefix(key, "sha256-") && path.Ext(key) == ".json":
			files[".plumb/evidence/"+key] = content
		default:
			files["policies/"+key] = content
		}
	}
	return files, nil
}

// untar reads the files of a gzipped tar file for which Wanted reports true.
func untar(archive []byte) (Files, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	files := Files{}
	limit := &io.LimitedReader{R: z, N: maxFiles}
	for t := tar.NewReader(limit); ; {
		h, err := t.Next()
		if limit.N == 0 {
			return nil, fmt.Errorf("more than %d bytes", maxFiles)
		}
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		name := path.Clean(h.Name)
		if h.Typeflag != tar.TypeReg || !Wanted(name) {
			continue
		}
		switch {
		case !fs.ValidPath(name):
			return nil, fmt.Errorf("invalid path %s", h.Name)
		case h.Size > maxFile:
			return nil, fmt.Errorf("%s has %d bytes, more than %d", h.Name, h.Size, maxFile)
		case len(files) >= maxCount:
			return nil, fmt.Errorf("more than %d files", maxCount)
		}
		if _, twice := files[name]; twice {
			return nil, fmt.Errorf("duplicate file %s", name)
		}
		if files[name], err = io.ReadAll(t); err != nil {
			return nil, err
		}
	}
}
