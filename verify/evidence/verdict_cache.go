package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/cachekey"
)

// VerdictCache remembers, from one run to the next, which entries were accepted, so that
// their signatures need not be verified again. What was not accepted, or only
// with a remark, is not remembered: it may have been for want of time.
//
// A record is of everything that the verdict was made of: the program, the
// policies with their keys and trust roots, the entry with its name, digest and
// lines, and the bytes of its evidence. Where any of them changes there is no
// record of it. The time is not among them, because no verdict depends on it:
// certificates are judged at the time of signing, policies that may read the
// time are another policy.Set, and what has expired in plumb.yaml is not a
// Judge's to say.
//
// A record is a message authentication code (HMAC-SHA256) by a secret of the
// user's, which is made at random where there is none. So a record that is damaged,
// that was written by someone who does not know the secret, or that was made on
// another machine, as those in a cache that CI restores, is a record of nothing. See
// cachekey for what that does not protect against.
type VerdictCache struct {
	file   string
	secret *cachekey.Key
	build  string

	open sync.Once

	mu     sync.Mutex
	known  map[record]bool // whether it was used
	stored []record        // of known, in the order of the file
	added  []record
	hits   int // entries that were remembered
}

// record is that of one accepted entry.
type record [sha256.Size]byte

// OpenVerdictCache returns the cache that is kept in file, with its secret in another
// one. Both are made when Save has something to keep. Neither may be where others
// can write, least of all in a tree that is judged. build tells the program
// from all others that judge.
func OpenVerdictCache(file, secretFile, build string) *VerdictCache {
	return &VerdictCache{file: file, secret: cachekey.New(secretFile), build: build}
}

// begin reads the secret and the records, once.
func (c *VerdictCache) begin() {
	c.open.Do(func() {
		c.known = map[record]bool{}
		if !c.secret.Stored() {
			return
		}
		c.stored = readRecords(c.file)
		for _, r := range c.stored {
			c.known[r] = false
		}
	})
}

// record returns the record of an entry that j accepts by files.
func (c *VerdictCache) record(j *Judge, e lockfile.Entry, files files) record {
	c.begin()
	mac := hmac.New(sha256.New, c.secret.Secret())
	part := func(text string) {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		mac.Write([]byte(text))
	}
	part("plumb.dev/verdict/v1")
	part(c.build)
	part(j.Policies.Digest())
	if j.ExternalPolicies {
		part("external")
	} else {
		part("own")
	}
	part(string((&lockfile.Lock{Entries: []lockfile.Entry{e}}).Format()))
	for _, f := range files.found {
		part(f.digest)
	}
	return record(mac.Sum(nil))
}

// has reports whether an entry is remembered as accepted.
func (c *VerdictCache) has(r record) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.known[r]
	ok = ok && c.secret.Secret() != nil
	if ok {
		c.known[r] = true
		c.hits++
	}
	return ok
}

// add remembers an entry as accepted.
func (c *VerdictCache) add(r record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[r]; !ok && c.secret.Secret() != nil {
		c.known[r] = true
		c.added = append(c.added, r)
	}
}
