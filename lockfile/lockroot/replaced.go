package lockroot

import (
	"context"

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
	return s.read(ctx, real)
}
