package registry

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// cache keeps documents by repository and digest, for ever: the content of a digest
// cannot change. They are in packs, files of a line with a document's metadata and its
// bytes as they were read, one document after the other. Each process that keeps anything
// appends to a pack of its own, and a process that finds many packs joins them. So a
// thousand documents are one file, and processes need not wait for each other.
//
// The cache is not trusted: content that does not hash to its digest counts as missing, as
// does what follows a line that cannot be read. A cache that cannot be written keeps nothing.
type cache struct {
	dir   string                   // "" is no cache
	trace func(transport.Exchange) // nil is told nothing

	mu     sync.Mutex
	loaded bool
	places map[string]kept // by key and digest
	own    *os.File        // nil until something is kept, and where it cannot be
	size   int64           // of own
	failed bool            // own cannot be written
}

// kept is where a pack has a document.
type kept struct {
	pack   string
	offset int64
	keptLine
}

// keptLine is the line before a kept document.
type keptLine struct {
	Key       string `json:"key"` // repository, kind and digest
	MediaType string `json:"mediaType,omitempty"`
	URL       string `json:"url"` // where it was read
	Host      string `json:"host"`
	Size      int    `json:"size"` // of the document, in bytes
}

const (
	maxKeptLine = 4 << 10   // bytes
	maxPacks    = 16        // more are joined
	maxCache    = 256 << 20 // bytes; the oldest packs beyond it are removed
)

// get returns the document that has a digest and was kept under a key.
func (c *cache) get(key, digest string) (document, bool) {
	if c.dir == "" || !lockfile.ValidDigest(digest) {
		return document{}, false
	}
	c.mu.Lock()
	c.load()
	p, ok := c.places[key+digest]
	c.mu.Unlock()
	if !ok {
		return document{}, false
	}
	body, err := p.read()
	if err != nil || digestOf(body) != digest {
		return document{}, false
	}
	if c.trace != nil {
		c.trace(transport.Exchange{Method: http.MethodGet, URL: p.URL, Cached: true,
			Bytes: len(body)})
	}
	return document{
		digest:     digest,
		headerType: p.MediaType,
		body:       body,
		at:         p.URL,
		host:       p.Host,
	}, true
}

// read returns the bytes of the document.
func (p kept) read() ([]byte, error) {
	f, err := os.Open(p.pack)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body := make([]byte, p.Size)
	_, err = f.ReadAt(body, p.offset)
	return body, err
}

// put keeps a document. An error is of no consequence: the document is fetched again.
func (c *cache) put(key string, d document) {
	if c.dir == "" {
		return
	}
	l := keptLine{key + d.digest, d.headerType, d.at, d.host, len(d.body)}
	record, err := l.record(d.body)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	if !c.open() {
		return
	}
	n, err := c.own.Write(record)
	if err != nil { // what follows half a record could not be read
		c.failed = true
		return
	}
	c.size += int64(n)
	c.places[l.Key] = kept{c.own.Name(), c.size - int64(len(d.body)), l}
}

// record is a document as a pack has it.
func (l keptLine) record(body []byte) ([]byte, error) {
	line, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	if len(line) >= maxKeptLine {
		return nil, fmt.Errorf("%d bytes of metadata", len(line))
	}
	return append(append(line, '\n'), body...), nil
}

// open makes this process's pack, and reports whether it can be written.
func (c *cache) open() bool {
	if c.own != nil || c.failed {
		return !c.failed
	}
	var err error
	if c.own, err = c.create("pack-*"); err != nil {
		c.failed = true
	}
	return !c.failed
}

// create makes a file for the user alone. The names of packs sort by time.
func (c *cache) create(pattern string) (*os.File, error) {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	stamp := fmt.Sprintf("%016x-", time.Now().UnixNano())
	return os.CreateTemp(c.dir, strings.Replace(pattern, "*", stamp+"*", 1))
}

// load reads where the packs have what. Of a document that several have, the newest counts.
func (c *cache) load() {
	if c.loaded {
		return
	}
	c.loaded, c.places = true, make(map[string]kept)
	packs := c.packs()
	for _, name := range packs {
		readPack(name, c.places)
	}
	if len(packs) > maxPacks {
		c.join(packs)
	}
}

// packs are the names of the packs, the oldest first. It removes those that are too old.
func (c *cache) packs() []string {
	entries, err := os.ReadDir(c.dir) // sorted
	if err != nil {
		return nil
	}
	var names []string
	total := int64(0)
	for _, e := range slices.Backward(entries) {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasPrefix(e.Name(), "pack-") {
			continue
		}
		name := filepath.Join(c.dir, e.Name())
		if total += info.Size(); total > maxCache {
			_ = os.Remove(name) // else the next process does
			continue
		}
		names = append(names, name)
	}
	slices.Reverse(names)
	return names
}

// readPack adds the documents of a pack to places, up to what is broken.
func readPack(name string, places map[string]kept) {
	f, err := os.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	for offset := int64(0); ; {
		line, err := in.ReadSlice('\n')
		var l keptLine
		if err != nil || json.Unmarshal(line, &l) != nil || l.Key == "" ||
			l.Size < 0 || l.Size > transport.MaxBody {
			return
		}
		offset += int64(len(line))
		if n, err := in.Discard(l.Size); err != nil || n < l.Size {
			return
		}
		places[l.Key] = kept{name, offset, l}
		offset += int64(l.Size)
	}
}

// join puts the documents of packs into one pack and removes them. Another process that
// still appends to one keeps nothing by it.
func (c *cache) join(packs []string) {
	temp, err := c.create("join-*")
	if err != nil {
		return
	}
	joined := make(map[string]kept, len(c.places))
	name := filepath.Join(c.dir, "pack-"+strings.TrimPrefix(filepath.Base(temp.Name()), "join-"))
	err = writePack(temp, slices.Collect(maps.Values(c.places)), func(p kept) {
		p.pack = name
		joined[p.Key] = p
	})
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the packs are as they were
		return
	}
	c.places = joined
	for _, old := range packs {
		_ = os.Remove(old) // else the next process does
	}
}

// writePack writes documents to w, and tells of each where it is. What cannot be read is left
// out.
func writePack(w io.Writer, places []kept, written func(kept)) error {
	slices.SortFunc(places, func(a, b kept) int { return strings.Compare(a.Key, b.Key) })
	offset := int64(0)
	for _, p := range places {
		body, err := p.read()
		if err != nil {
			continue
		}
		record, err := p.record(body)
		if err != nil {
			continue
		}
		if _, err := w.Write(record); err != nil {
			return err
		}
		offset += int64(len(record))
		p.offset = offset - int64(len(body))
		written(p)
	}
	return nil
}

// close closes this process's pack.
func (c *cache) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != nil {
		_ = c.own.Close() // what is not whole counts as missing
		c.own, c.failed = nil, false
	}
}
