package lockroot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
	"github.com/plumb-dev/plumb/lockfile/cachekey"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Cache keeps what was found in the files of one lock root, in a file outside of the
// repository. A file counts as unchanged while its size, times and inode stay the same,
// as in git's index. The cache only saves time: where it cannot be read or written,
// everything is scanned.
//
// An exit status may rest on what it holds. So its file ends with a message authentication
// code (HMAC-SHA256), by a secret of the user's, of all that is in it, with the program and
// the configuration that found it: a file that is damaged, or that somebody without the
// secret has written, is none. See cachekey for what that does not protect against.
type Cache struct {
	name   string // of the cache's file
	secret *cachekey.Key
	key    [sha256.Size]byte
	opened time.Time

	absent  bool          // there was none when it was opened
	loaded  chan struct{} // closed when the cache has been read
	entries []entry
	index   map[string]int32 // by path
}

type entry struct {
	stamp tree.Stamp
	file  manifest.File
}

// settle is how old a file's last change has to be, so that a later change is sure to
// give it other times: more than the clock tick of any current file system that keeps
// nanoseconds.
const settle = 50 * time.Millisecond

// coarse is the same for file systems that keep whole seconds.
const coarse = 2 * time.Second

// maxCache bounds the file of a cache, in bytes: some 400 for each file of a lock root.
const maxCache = 1 << 28

// OpenCache returns the cache of the lock root at root, in dir (commonly a folder in the
// user's cache directory), which is authenticated by the secret in the file keyFile. What
// another build of plumb, or another configuration, has written there is ignored. It is
// nil, which caches nothing, where the secret would lie in the lock root.
func OpenCache(dir, keyFile, root string, cfg *config.Config) *Cache {
	if keyFile == "" || cachekey.MayHold(root, keyFile) {
		return nil
	}
	id := sha256.Sum256([]byte(root))
	c := &Cache{
		secret: cachekey.New(keyFile),
		name:   filepath.Join(dir, "scan-"+hex.EncodeToString(id[:12])),
		key:    cacheKey(root, cfg),
		opened: time.Now(),
		loaded: make(chan struct{}),
	}
	if _, err := os.Lstat(c.name); err != nil {
		c.absent = true // and no file needs to be looked at to see whether it has changed
		close(c.loaded)
		return c
	}
	go func() { // while git lists the files
		defer close(c.loaded)
		c.load()
	}()
	return c
}

// cacheKey identifies what the cached results depend on besides the files.
func cacheKey(root string, cfg *config.Config) [sha256.Size]byte {
	fields, _ := json.Marshal(cfg.Fields) // plain structs of strings
	program := ""
	if name, err := os.Executable(); err == nil {
		if info, err := os.Stat(name); err == nil {
			program = fmt.Sprint(name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%q\x00%q\x00%s\x00%s",
		manifest.EncodingVersion, root, cfg.Include, cfg.Exclude, fields, program))
}

// unchanged reports whether the cache has f with its present stamp.
func (c *Cache) unchanged(f tree.File) bool {
	e := c.find(f.Path)
	return e != nil && e.stamp == f.Stamp
}

// find returns what the cache has of a file, or nil.
func (c *Cache) find(path string) *entry {
	<-c.loaded
	if i, ok := c.index[path]; ok {
		return &c.entries[i]
	}
	return nil
}

// file returns what was found in a file that is unchanged. It is not to be changed.
func (c *Cache) file(path string) *manifest.File { return &c.find(path).file }

// code authenticates the body of a cache.
func (c *Cache) code(body []byte) []byte {
	mac := hmac.New(sha256.New, c.secret.Secret())
	mac.Write([]byte("plumb.dev/scan/v1\x00"))
	mac.Write(body)
	return mac.Sum(nil)
}

// load reads the cache. A file that is damaged, or is not authentic, counts as missing.
func (c *Cache) load() {
	if !c.secret.Stored() {
		return
	}
	data, err := atomicfile.ReadCache(c.name, maxCache)
	if err != nil || len(data) < len(c.key)+sha256.Size {
		return
	}
	body, code := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if !hmac.Equal(code, c.code(body)) || [sha256.Size]byte(body[:len(c.key)]) != c.key {
		return
	}
	if body = body[len(c.key):]; len(body) < countSize {
		return
	}
	// Nothing changes the bytes any more, and the entries refer to them.
	rest := unsafe.String(unsafe.SliceData(body[countSize:]), len(body)-countSize)
	count := binary.LittleEndian.Uint32(body)
	if int(count) > len(rest)/stampSize {
		return
	}
	entries, index := make([]entry, 0, count), make(map[string]int32, count)
	for i := range count {
		var e entry
		if rest, err = e.decode(rest); err != nil {
			return
		}
		entries = append(entries, e)
		index[e.file.Path] = int32(i)
	}
	c.entries, c.index = entries, index
}

// countSize is the length of the number of entries, which the cache begins with.
const countSize = 4

// stampSize is the length of an encoded tree.Stamp.
const stampSize = 5 * 8

func (e *entry) decode(s string) (rest string, err error) {
	if len(s) < stampSize {
		return "", errShort
	}
	var n [5]uint64
	for i := range n {
		n[i] = binary.LittleEndian.Uint64([]byte(s[8*i : 8*i+8]))
	}
	e.stamp = tree.Stamp{Size: int64(n[0]), Modified: int64(n[1]), Changed: int64(n[2]),
		Device: n[3], Inode: n[4]}
	e.file, rest, err = manifest.DecodeFile(s[stampSize:])
	return rest, err
}

func appendEntry(b []byte, s tree.Stamp, f *manifest.File) []byte {
	fields := [...]uint64{
		uint64(s.Size), uint64(s.Modified), uint64(s.Changed), s.Device, s.Inode}
	for _, n := range fields {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return manifest.AppendFile(b, f)
}

var errShort = fmt.Errorf("the entry is cut short")

// store writes what was found in files, unless the cache has the same already. found has
// their stamps.
func (c *Cache) store(files []manifest.File, found []*scanned) {
	<-c.loaded
	kept := make([]int, 0, len(files))
	same := true
	for i := range files {
		if !c.settled(found[i].stamp) {
			continue
		}
		kept = append(kept, i)
		old := c.find(files[i].Path)
		same = same && old != nil && old.stamp == found[i].stamp &&
			old.file.ReadsAs(&files[i])
	}
	if same && len(kept) == len(c.entries) {
		return
	}
	b := make([]byte, 0, 400*len(kept)+64)
	b = append(b, c.key[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(kept)))
	for _, i := range kept {
		b = appendEntry(b, found[i].stamp, &files[i])
	}
	if c.secret.Save() != nil || c.secret.Secret() == nil {
		return
	}
	b = append(b, c.code(b)...)
	_ = atomicfile.WriteCache(c.name, b) // after an error the next run scans again
}

// settled reports whether a file that changed now would get another stamp.
func (c *Cache) settled(s tree.Stamp) bool {
	if s.Inode == 0 || s.Changed == 0 {
		return false
	}
	margin := settle
	if s.Changed%int64(time.Second) == 0 {
		margin = coarse
	}
	limit := c.opened.Add(-margin).UnixNano()
	return s.Changed < limit && s.Modified < limit
}
