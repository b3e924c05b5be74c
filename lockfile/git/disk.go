package git

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Disk is a repository in a folder: a bare one, or that of a work tree.
type Disk struct {
	dir   string
	store *filesystem.Storage
}

// OpenDisk opens the repository in a folder for reading.
func OpenDisk(dir string) (*Disk, error) {
	if info, err := os.Stat(filepath.Join(dir, ".git")); err == nil && info.IsDir() {
		dir = filepath.Join(dir, ".git")
	}
	if _, err := os.Stat(filepath.Join(dir, "objects")); err != nil {
		return nil, fmt.Errorf("%s is not a git repository", dir)
	}
	store := filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRU(16*cache.MiByte))
	cfg, err := store.Config()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "config"), err)
	}
	if format := cfg.Raw.Section("extensions").Option("objectformat"); !isSHA1(format) {
		return nil, &ObjectFormatError{format}
	}
	return &Disk{dir, store}, nil
}

// Tip is the commit of a branch.
func (d *Disk) Tip(branch string) (Hash, error) {
	ref, err := d.store.Reference(plumbing.NewBranchReferenceName(branch))
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return Hash{}, &BranchError{branch}
	}
	if err != nil {
		return Hash{}, err
	}
	return ref.Hash(), nil
}

// Close closes the files that are open.
func (d *Disk) Close() error { return d.store.Close() }

// Object returns an object of the repository (see Objects).
func (d *Disk) Object(h Hash, t plumbing.ObjectType, max int64) ([]byte, error) {
	size, err := d.store.EncodedObjectSize(h)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return nil, fmt.Errorf("%s: %s %s not found", d.dir, t, h)
	}
	if err != nil {
		return nil, err
	}
	if size > max {
		return nil, fmt.Errorf("%s has %d bytes, more than %d", h, size, max)
	}
	o, err := d.store.EncodedObject(t, h)
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", h, err)
	}
	data, err := content(o, h, t, max)
	if err == nil && plumbing.ComputeHash(t, data) != h {
		return nil, fmt.Errorf("%s: object %s does not match its id", d.dir, h)
	}
	return data, err
}

// BranchError is the error for a branch that a repository does not have.
type BranchError struct {
	// Branch is the name of the branch.
	Branch string
}

// Error names the branch.
func (e *BranchError) Error() string { return "the repository has no branch " + e.Branch }
