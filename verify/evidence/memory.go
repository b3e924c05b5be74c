package evidence

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
)

// Memory remembers, from one run to the next, which entries were accepted, so that
// their signatures need not be verified again. What was not accepted, or only
// with a remark, is not remembered: it may have been for want of time.
//
// A record is of everything that the verdict was made of: the program, the
// policies with their keys and trust roots, the entry with its name, digest and
// lines, and the bytes of its evidence. Where any of them changes there is no
// record of it. The time is not among them, because no verdict depends on it:
// certificates are judged at the time of signing, policies that may ask for the
// time are another policy.Set, and what has expired in plumb.yaml is not a
// Judge's to say.
//
// A record is a message authentication code (HMAC-SHA256) by a secret of the
// user's, which is made at random where there is none. So a record that is damaged,
// that was written by someone who does not know the secret, or that was made on
// another machine, as those in a cache that CI restores, is a record of nothing.
// Another process of the same user can read the secret and have any verdict
// believed, as it could by replacing the program: against that a Memory is no
// protection.
type Memory struct {
	file, secretFile string
	build            string

	open   sync.Once
	secret []byte // nil where none can be had
	isNew  bool   // secret is in no file yet

	mu     sync.Mutex
	known  map[record]bool // whether it was asked for
	stored []record        // of known, in the order of the file
	added  []record
}

// record is that of one accepted entry.
type record [sha256.Size]byte

// secretSize is how many bytes the secret has.
const secretSize = 32

// OpenMemory returns the memory that is kept in file, with its secret in another
// one. Both are made when Save has something to keep. Neither may be where somebody
// else can write, least of all in a tree that is judged. build tells the program
// from all others that judge.
func OpenMemory(file, secretFile, build string) *Memory {
	return &Memory{file: file, secretFile: secretFile, build: build}
}

// begin reads the secret and the records, once.
func (m *Memory) begin() {
	m.open.Do(func() {
		m.known = map[record]bool{}
		if m.secret = readSecret(m.secretFile); m.secret != nil {
			m.stored = readRecords(m.file)
			for _, r := range m.stored {
				m.known[r] = false
			}
			return
		}
		secret := make([]byte, secretSize)
		if _, err := rand.Read(secret); err == nil {
			m.secret, m.isNew = secret, true
		}
	})
}

// record returns the record of an entry that j accepts by files.
func (m *Memory) record(j *Judge, e lockfile.Entry, files files) record {
	m.begin()
	mac := hmac.New(sha256.New, m.secret)
	part := func(text string) {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		mac.Write([]byte(text))
	}
	part("plumb.dev/verdict/v1")
	part(m.build)
	part(j.Policies.Digest())
	if j.Foreign {
		part("foreign")
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
func (m *Memory) has(r record) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.known[r]
	ok = ok && m.secret != nil
	if ok {
		m.known[r] = true
	}
	return ok
}

// add remembers an entry as accepted.
func (m *Memory) add(r record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.known[r]; !ok && m.secret != nil {
		m.known[r] = true
		m.added = append(m.added, r)
	}
}
