package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/atomicfile"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// cache keeps documents by repository and digest, for ever: the content of a digest
// cannot change. Each is a file of one line with its metadata, and the bytes as they
// were read. The cache is not trusted: content that does not hash to its digest counts
// as missing. A cache that cannot be written keeps nothing.
type cache struct {
	dir   string                   // "" is no cache
	trace func(transport.Exchange) // nil is told nothing
}

// keptLine is the first line of a kept document.
type keptLine struct {
	Key       string `json:"key"` // repository, kind and digest
	MediaType string `json:"mediaType,omitempty"`
	URL       string `json:"url"` // where it was read
	Host      string `json:"host"`
}

// maxKeptLine bounds the first line, in bytes.
const maxKeptLine = 4 << 10

// get returns the document that has a digest and was kept under a key.
func (c cache) get(key, digest string) (document, bool) {
	if c.dir == "" || !lockfile.ValidDigest(digest) {
		return document{}, false
	}
	f, err := os.Open(c.file(key + digest))
	if err != nil {
		return document{}, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeptLine+transport.MaxBody+1))
	if err != nil {
		return document{}, false
	}
	first, body, ok := bytes.Cut(data, []byte("\n"))
	var l keptLine
	if !ok || json.Unmarshal(first, &l) != nil || l.Key != key+digest || digestOf(body) != digest {
		return document{}, false
	}
	if c.trace != nil {
		c.trace(transport.Exchange{Method: http.MethodGet, URL: l.URL, Cached: true,
			Bytes: len(body)})
	}
	return document{
		digest:     digest,
		headerType: l.MediaType,
		body:       body,
		at:         l.URL,
		host:       l.Host,
	}, true
}

// put keeps a document. After a power loss the file may be broken, which get detects.
func (c cache) put(key string, d document) {
	if c.dir == "" {
		return
	}
	key += d.digest
	first, err := json.Marshal(keptLine{key, d.headerType, d.at, d.host})
	if err != nil || len(first) >= maxKeptLine {
		return
	}
	// An error is of no consequence: the document is fetched again.
	_ = atomicfile.WriteCache(c.file(key), append(append(first, '\n'), d.body...))
}

// file returns the file of a key: its hash, so that no name can lead elsewhere.
func (c cache) file(key string) string {
	sum := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, name[:2], name[2:])
}
