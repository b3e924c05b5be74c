package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// contentCache keeps manifests and configs that were read by their digests, for
// ever: what a digest names does not change. What it holds of one repository says
// nothing about another, which may not have the content, so that it is kept by
// both. nil keeps nothing.
//
// A file holds the media type that the registry gave the content, a newline, and
// the content. Nothing in it is believed: the content is hashed again.
type contentCache struct{ dir string }

func newContentCache(dir string) *contentCache {
	if dir == "" {
		return nil
	}
	return &contentCache{dir}
}

// path is the file of a digest in a repository of a host.
func (c *contentCache) path(host, repo, digest string) string {
	sum := sha256.Sum256([]byte(host + "/" + repo + "@" + digest))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, name[:2], name[2:])
}

// get returns content and its media type. ok is false where it has none, or none
// with that digest.
func (c *contentCache) get(host, repo, digest string) (body []byte, mediaType string, ok bool) {
	if c == nil {
		return nil, "", false
	}
	data, err := os.ReadFile(c.path(host, repo, digest))
	if err != nil {
		return nil, "", false
	}
	head, body, ok := bytes.Cut(data, []byte("\n"))
	if !ok || digestOf(body) != digest {
		return nil, "", false
	}
	return body, string(head), true
}

// put keeps content whose digest has been checked. That it cannot be kept is no
// error: it will be asked for again.
func (c *contentCache) put(host, repo, digest, mediaType string, body []byte) {
	if c == nil {
		return
	}
	path := c.path(host, repo, digest)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return
	}
	// Other processes may be writing the same file. Half of one, as after a
	// power cut, does not have the digest, so that it need not be synced.
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(append([]byte(mediaType+"\n"), body...))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}
