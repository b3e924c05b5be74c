package lockroot

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Opener returns the tree of the lock root at dir: the work tree, the index or a
// commit.
type Opener func(ctx context.Context, dir string) (tree.Tree, error)

// OpenWorkTree is the Opener of work trees.
func OpenWorkTree(ctx context.Context, dir string) (tree.Tree, error) {
	return tree.OpenWorkTree(ctx, dir)
}

// Loader reads lock roots.
type Loader struct {
	// Open opens their trees.
	Open Opener
	// CacheDir is where the results of scans are kept; "" for nowhere. It must be "" for
	// edits, as references that come from a cache cannot be pinned.
	CacheDir string
	// CacheKey is the file of the secret by which these are authenticated; "": none are
	// kept. It must not be below CacheDir.
	CacheKey string
	// Base is the directory that names of files in messages are relative to; "" for each
	// lock root's own directory.
	Base string
	// Loaded is told of each lock root when it has been read. nil is told nothing.
	Loaded func(*Root)
}

// Load reads the requested lock roots and those inside of them, each with its own
// configuration, and scans their files. The error is an *InvalidError where a plumb.yaml
// has errors.
func (l *Loader) Load(ctx context.Context, requests []Request) ([]*Root, error) {
	var out []*Root
	for _, q := range requests {
		r, err := l.add(ctx, &out, q)
		if err != nil {
			return nil, err
		}
		for _, n := range r.Nested {
			paths, ok := within(q.Paths, n)
			if !ok {
				continue
			}
			inner := Request{filepath.Join(q.Dir, filepath.FromSlash(n)), paths}
			if _, err := l.add(ctx, &out, inner); err != nil {
				return nil, err
			}
		}
	}
	for _, q := range requests {
		findEmpty(out, q)
	}
	for _, q := range requests {
		if err := findIdle(ctx, out, q); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// within reports whether paths include something of the nested root n. inner are the
// paths to read of it, nil for all.
func within(paths []string, n string) (inner []string, ok bool) {
	for _, p := range paths {
		if p == "." || p == n || strings.HasPrefix(n, p+"/") {
			return nil, true
		}
	}
	return nil, paths == nil
}

// add reads one lock root. If it is loaded already, add only adds the paths to it.
func (l *Loader) add(ctx context.Context, loaded *[]*Root, q Request) (*Root, error) {
	for _, r := range *loaded {
		if r.Dir == q.Dir {
			if r.Paths = append(r.Paths, q.Paths...); q.Paths == nil {
				r.Paths = nil
			}
			return r, nil
		}
	}
	r, err := l.LoadOne(ctx, q)
	if err != nil {
		return nil, err
	}
	*loaded = append(*loaded, r)
	return r, nil
}

// LoadOne reads and scans one lock root, without those inside of it.
func (l *Loader) LoadOne(ctx context.Context, q Request) (*Root, error) {
	t, err := l.Open(ctx, q.Dir)
	if err != nil {
		return nil, err
	}
	r, err := readTexts(ctx, q.Dir, t, l.Base)
	if err != nil {
		return nil, err
	}
	r.Paths = q.Paths
	var cache *Cache
	if l.CacheDir != "" {
		cache = OpenCache(l.CacheDir, l.CacheKey, q.Dir, r.Config)
	}
	parsed := make(chan struct{})
	go func() { // while git lists the files
		r.parseLock()
		close(parsed)
	}()
	err = r.Scan(ctx, cache)
	<-parsed
	if err != nil {
		return nil, err
	}
	if l.Loaded != nil {
		l.Loaded(r)
	}
	return r, nil
}

// LoadStream reads the lock root at dir for manifests in a stream, such as the output of
// a tool that renders them. name is the stream's name in findings.
func (l *Loader) LoadStream(ctx context.Context, dir, name string, stream []byte) (*Root, error) {
	t, err := l.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	r, err := Read(ctx, dir, t, l.Base)
	if err != nil {
		return nil, err
	}
	o := scanOptions(r.Config)
	o.Included = nil // a stream has no path
	r.Stream = stream
	r.Files = []manifest.File{manifest.NewScanner(o).ScanStream(name, stream)}
	manifest.Fill(r.Files, o)
	if !r.Files[0].IsManifest() {
		r.Empty = []string{name}
	}
	return r, nil
}
