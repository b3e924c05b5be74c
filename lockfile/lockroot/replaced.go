package lockroot

import (
	"context"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// follow looks for what kustomizations put into images from elsewhere in the tree.
func (s *survey) follow(ctx context.Context, t tree.Tree, files []manifest.File) error {
	return manifest.Follow(files, s.workers[0].scanner, func(name string) ([]byte, error) {
		return t.Read(ctx, name)
	})
}
