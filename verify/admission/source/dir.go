package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// The bounds of what a version may hold. A lock of 10,000 entries has 8 MiB, and a
// piece of evidence some 10 KiB.
const (
	maxFile  = 64 << 20  // bytes of one file
	maxFiles = 512 << 20 // bytes of all
	maxCount = 200_000   // files
)

// Dir is a directory, for instance a volume or a checkout that something else keeps up to
// date: the tree itself, without git.
type Dir struct {
	path  string
	roots []string
}

// NewDir reads the lock roots (slash-separated paths below dir; "." is dir itself)
// of a directory.
func NewDir(dir string, roots []string) *Dir { return &Dir{dir, roots} }

// String names the directory.
func (d *Dir) String() string { return d.path }

// Fetch reads the directory. If it is written to at the same time, the version may be
// incomplete; it is then rejected when lock and evidence do not match.
func (d *Dir) Fetch(ctx context.Context, served Version) (Version, error) {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return Version{}, err
	}
	defer func() { _ = root.Close() }() // nothing is written through it
	v, err := Collect(ctx, root.FS(), d.roots)
	if err != nil {
		return Version{}, fmt.Errorf("%s: %w", d.path, err)
	}
	if v.Commit == served.Commit {
		return Version{}, ErrUnchanged
	}
	v.Source, v.Time = d.path, time.Now()
	return v, nil
}

// Collect reads the files below roots of a tree for which Wanted reports true. The version
// has no source and no time; its commit is the digest of the content.
func Collect(ctx context.Context, tree fs.FS, roots []string) (Version, error) {
	files, total := Files{}, int64(0)
	for _, top := range roots {
		err := fs.WalkDir(tree, path.Clean(top), func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case d.IsDir() && (d.Name() == ".git" || hidden(d.Name())):
				return fs.SkipDir
			case d.IsDir() || !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0 ||
				!Wanted(name):
				return nil
			}
			data, err := readBounded(tree, name)
			if err != nil {
				return err
			}
			total += int64(len(data))
			files[name] = data
			if total > maxFiles || len(files) > maxCount {
				return fmt.Errorf("more than %d bytes or %d files", maxFiles, maxCount)
			}
			return nil
		})
		if err != nil {
			return Version{}, err
		}
	}
	return Version{Commit: files.Digest(), Files: files}, nil
}

// Wanted reports whether admission may need a file, by its extension: those of configuration,
// locks, evidence, policies and keys.
func Wanted(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json", ".lock", ".pub", ".pem", ".key", ".crt", ".tgz", ".gz":
		return true
	}
	return false
}

// hidden reports whether a folder is one of those in which Kubernetes keeps the
// content of a volume, beside links to what is in it.
func hidden(folder string) bool { return folder != ".." && strings.HasPrefix(folder, "..") }

// readBounded reads a file of at most maxFile bytes.
func readBounded(tree fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(tree, name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a link to a directory", name)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes, more than %d", name, info.Size(), maxFile)
	}
	return fs.ReadFile(tree, name)
}
