package evidence

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/cachekey"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// UserCache is the verdict cache of the user who runs a command, opened when it is
// needed. The zero UserCache, and nil, have no verdicts.
type UserCache struct {
	// Build identifies the running program.
	Build string

	cache *VerdictCache
}

// For returns the cache for a lock root, for a Judge. It is nil if the user has no
// folder for it, and if its secret would be in the root's repository, which others may
// write to.
func (u *UserCache) For(ctx context.Context, root string) *VerdictCache {
	if u == nil {
		return nil
	}
	key := cachekey.File("verdicts")
	if key == "" {
		return nil
	}
	top, _, err := tree.TopLevel(ctx, root)
	if err != nil || cachekey.MayHold(top, key) || cachekey.MayHold(root, key) {
		return nil
	}
	if cache, err := os.UserCacheDir(); err == nil && u.cache == nil {
		u.cache = OpenVerdictCache(filepath.Join(cache, "plumb", "verdicts"), key,
			u.Build+" "+executable())
	}
	return u.cache
}

// Hits returns how many entries were not verified again, and how many of those that were
// will not be the next time.
func (u *UserCache) Hits() (hits, added int) {
	if u == nil || u.cache == nil {
		return 0, 0
	}
	u.cache.mu.Lock()
	defer u.cache.mu.Unlock()
	return u.cache.hits, len(u.cache.added)
}

// Save keeps what was verified for the next run.
func (u *UserCache) Save() {
	if u != nil {
		u.cache.Save()
	}
}

// executable identifies the file of the running program, so that other builds of the
// same commit differ.
func executable() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprint(name, info.Size(), info.ModTime().UnixNano())
}
