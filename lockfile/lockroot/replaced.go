package lockroot

import (
	"context"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// replaced looks for what kustomizations put into images from elsewhere in the tree.
func (s *survey) replaced(ctx context.Context, files []manifest.File) error {
	return manifest.Follow(files, s.workers[0].scanner, func(name string) ([]byte, error) {
		return s.readAgain(ctx, name)
	})
}

// readAgain reads a file that was scanned before, wherever it lies.
func (s *survey) readAgain(ctx context.Context, name string) ([]byte, error) {
	real, err := s.links.resolve(name)
	if err != nil {
		return nil, err
	}
	t, ok := s.tree.(extended)
	if ok && strings.HasPrefix(real, "../") {
		if above, dir, ok := t.Above(ctx); ok {
			return above.Read(ctx, path.Join(dir, real))
		}
	}
	return s.read(ctx, real)
}
