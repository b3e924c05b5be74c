// Package cachekey keeps the secrets by which a user's caches are authenticated
// (HMAC-SHA256). A cache folder may come from elsewhere, as when CI restores one, and must
// not bring its own secret: so the secret is in the user's configuration folder.
//
// Another process of the same user can read the secret and have anything believed, as it
// could by replacing the program: against that a secret is no protection.
package cachekey

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// Size is how many bytes a secret has.
const Size = 32

// File is the file of the user's secret for the cache called name, "" if the user has no
// folder for it.
func File(name string) string {
	config, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(config, "plumb", name+".key")
}

// Key is the secret in a file. It is read when it is needed, and made at random where
// there is none. It may be used by many goroutines at once.
type Key struct {
	file string

	mu     sync.Mutex
	opened bool
	secret []byte // nil where none can be had
	isNew  bool   // it is in no file yet
}

// New returns the secret that is kept in file. The file must not be where others can
// write, least of all in a tree that is judged: see MayHold.
func New(file string) *Key { return &Key{file: file} }

// Secret returns the secret; nil where none can be had.
func (k *Key) Secret() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.opened {
		return k.secret
	}
	k.opened = true
	if k.secret = read(k.file); k.secret != nil {
		return k.secret
	}
	secret := make([]byte, Size)
	if _, err := rand.Read(secret); err == nil {
		k.secret, k.isNew = secret, true
	}
	return k.secret
}

// Stored reports whether the secret was in its file, so that a cache can be authenticated
// by it.
func (k *Key) Stored() bool {
	secret := k.Secret()
	k.mu.Lock()
	defer k.mu.Unlock()
	return secret != nil && !k.isNew
}

// Save writes a new secret to its file.
func (k *Key) Save() error {
	secret := k.Secret()
	k.mu.Lock()
	defer k.mu.Unlock()
	if secret == nil || !k.isNew {
		return nil
	}
	if err := atomicfile.WriteCache(k.file, secret); err != nil {
		return err
	}
	k.isNew = false
	return nil
}

// read returns nil where there is no secret that only its owner can read.
func read(name string) []byte {
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != Size {
		return nil
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil
	}
	secret, err := atomicfile.ReadCache(name, Size)
	if err != nil || len(secret) != Size {
		return nil
	}
	return secret
}

// MayHold reports whether a path is in dir, or may be.
func MayHold(dir, path string) bool {
	for at := path; ; at = filepath.Dir(at) {
		// A path that does not exist yet is in the first folder above it that does.
		if real, err := filepath.EvalSymlinks(at); err == nil {
			if top, err := filepath.EvalSymlinks(dir); err == nil {
				dir = top
			}
			rel, err := filepath.Rel(dir, real)
			return err != nil || rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
		}
		if at == filepath.Dir(at) {
			return true
		}
	}
}
