package evidence

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// UserCache is the verdict cache of the user who runs a command, opened when it is
// needed. The zero UserCache, and nil, have no verdicts.
type UserCache struct {
	// Build tells the running program from all others.
	Build string

	cache *VerdictCache
}

// For returns the cache for a lock root, for a Judge. It is nil where there is no
// place for one, and where its secret would lie in the root's repository: who writes
// to that could write the secret.
func (u *UserCache) For(ctx context.Context, root string) *VerdictCache {
	if u == nil {
		return nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return nil
	}
	top, _, err := tree.TopLevel(ctx, root)
	if err != nil || mayHold(top, config) || mayHold(root, config) {
		return nil
	}
	if cache, err := os.UserCacheDir(); err == nil && u.cache == nil {
		// The secret is not kept beside the records: a cache folder travels, as when
		// CI restores one, and what travels is not trusted.
		u.cache = OpenVerdictCache(filepath.Join(cache, "plumb", "verdicts"),
			filepath.Join(config, "plumb", "verdicts.key"), u.Build+" "+executable())
	}
	return u.cache
}

// Save keeps what was verified for the next run.
func (u *UserCache) Save() {
	if u != nil {
		u.cache.Save()
	}
}

// mayHold reports whether a path lies in dir, or cannot be told not to.
func mayHold(dir, path string) bool {
	for at := path; ; at = filepath.Dir(at) {
		// What does not exist yet is where the folder is that it will be made in.
		if real, err := filepath.EvalSymlinks(at); err == nil {
			rel, err := filepath.Rel(dir, real)
			return err != nil || rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
		}
		if at == filepath.Dir(at) {
			return true
		}
	}
}

// executable tells the file of the running program from those of other builds of the
// same commit.
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
