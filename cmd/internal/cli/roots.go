package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/cachekey"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Fail gives an error its exit status: ExitUsage for what a person has to correct,
// ExitCannotTell for all others that have none; nil for nil.
func Fail(err error) error {
	var exit *ExitError
	var invalid *lockroot.InvalidError
	var revision *tree.RevisionError
	switch {
	case err == nil, errors.As(err, &exit):
		return err
	case errors.As(err, &invalid), errors.As(err, &revision):
		return AsUsage(err)
	}
	return CannotTell(err)
}

// Loader reads lock roots of work trees. cached says that the results of scans are
// taken from the user's cache, which is not for commands that edit.
func (o *IO) Loader(cached bool) *lockroot.Loader {
	l := &lockroot.Loader{Open: lockroot.OpenWorkTree, Base: o.Dir}
	if o.Verbose {
		l.Loaded = o.traceRoot
	}
	if cached {
		if dir, err := os.UserCacheDir(); err == nil {
			l.CacheDir, l.CacheKey = filepath.Join(dir, "plumb"), cachekey.File("scan")
		}
	}
	return l
}

// traceRoot says how many files of a lock root were read.
func (o *IO) traceRoot(r *lockroot.Root) {
	o.Tracef("%s: %s, %d of them from the scan cache", r.Dir,
		Count(len(r.Files), "file", "files"), r.CachedFiles)
}

// LoadRoots finds and reads the lock roots that the paths lie in, or that the command
// runs in where there is no path.
func (o *IO) LoadRoots(ctx context.Context, paths []string, cached bool) ([]*lockroot.Root, error) {
	requests, err := lockroot.Find(ctx, o.Dir, paths)
	if err != nil {
		return nil, Fail(err)
	}
	roots, err := o.Loader(cached).Load(ctx, requests)
	return roots, Fail(err)
}

// Writer writes lock roots, unless it is dry, and says when another process has one.
func (o *IO) Writer(dry bool) *lockroot.Writer {
	return &lockroot.Writer{Dry: dry, Wait: func(message string) { o.Errorf("plumb: %s\n", message) }}
}
