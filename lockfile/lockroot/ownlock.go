package lockroot

import (
	"context"
	"path"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// ownLocks reads the locks that other tools keep beside the files that they read, as helm
// keeps a Chart.lock.
func (s *survey) ownLocks(ctx context.Context, files []manifest.File) error {
	for i := range files {
		name := files[i].OwnLock()
		if name == "" {
			continue
		}
		text, err := s.readAgain(ctx, path.Join(path.Dir(files[i].Path), name))
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case tree.Absent(err):
			continue
		case err != nil:
			text = nil // which is joined as a lock that has nothing
		}
		files[i].JoinOwnLock(text, s.isDir)
	}
	return nil
}
