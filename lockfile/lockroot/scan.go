package lockroot

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// changing is a tree that can skip files that have not changed.
type changing interface {
	EachChanged(
		ctx context.Context, match func(path string) bool, unchanged func(tree.File) bool,
		fn tree.Visit,
	) error
}

// Scan reads every file that may hold manifests, and finds its references and remarks.
// For a file that has not changed since, these come from the cache, which may be nil.
func (r *Root) Scan(ctx context.Context, cache *Cache) error {
	s := newSurvey(r.Config, cache)
	if err := s.walk(ctx, r.Tree); err != nil {
		return err
	}
	found := s.collect()
	files := make([]manifest.File, len(found))
	r.CachedFiles = 0
	for i, f := range found {
		files[i] = f.File
		if f.cached {
			r.CachedFiles++
		}
	}
	if err := s.values(ctx, r.Tree, files, found); err != nil {
		return err
	}
	if cache != nil {
		cache.store(files, found)
	}
	r.Files, r.Nested = files, s.nestedRoots()
	return nil
}

// survey is one pass over a tree.
type survey struct {
	cfg     *config.Config
	options manifest.Options
	cache   *Cache
	nested  map[string]bool
	workers []worker
}

// worker holds what one goroutine of a tree's walk needs and finds.
type worker struct {
	scanner *manifest.Scanner
	files   []*scanned
	room    []scanned // for the next files, so that none is moved
}

// roomSize is how many files a worker makes room for at a time.
const roomSize = 256

func (w *worker) add(f scanned) {
	if len(w.room) == cap(w.room) {
		w.room = make([]scanned, 0, roomSize)
	}
	w.room = append(w.room, f)
	w.files = append(w.files, &w.room[len(w.room)-1])
}

// scanned is what was found in a file, and the state it was in.
type scanned struct {
	manifest.File
	stamp tree.Stamp
	// assumed: the file is unchanged and was scanned as Helm values before, and so was
	// not scanned again.
	assumed bool
	cached  bool // it was not read
}

func newSurvey(cfg *config.Config, cache *Cache) *survey {
	s := &survey{cfg: cfg, cache: cache, nested: map[string]bool{}, options: scanOptions(cfg)}
	s.workers = make([]worker, tree.Workers())
	for i := range s.workers {
		s.workers[i].scanner = manifest.NewScanner(s.options)
	}
	return s
}

func scanOptions(cfg *config.Config) manifest.Options {
	o := manifest.Options{}
	if cfg.Include != nil {
		o.Included = cfg.Included
	}
	for _, f := range cfg.Fields {
		o.Fields = append(o.Fields, manifest.Field(f))
	}
	return o
}

func (s *survey) match(name string) bool {
	if path.Base(name) == tree.ConfigFile {
		if dir := path.Dir(name); dir != "." {
			s.nested[dir] = true
		}
		return false // it holds names, but no references
	}
	return s.cfg.Matches(name)
}

func (s *survey) walk(ctx context.Context, t tree.Tree) error {
	visit := func(n int, f tree.File, data []byte) error {
		w := &s.workers[n]
		if data == nil {
			known := s.cache.file(f.Path)
			values := known.IsValues()
			if values {
				known = manifest.File{Path: f.Path}
			}
			w.add(scanned{known, f.Stamp, values, true})
			return nil
		}
		w.add(scanned{File: w.scanner.Scan(f.Path, data), stamp: f.Stamp})
		return nil
	}
	c, ok := t.(changing)
	if !ok || s.cache == nil {
		return t.Each(ctx, s.match, visit)
	}
	return c.EachChanged(ctx, s.match, s.cache.unchanged, visit)
}

// collect gathers what the workers found, sorted, without nested lock roots.
func (s *survey) collect() []*scanned {
	total := 0
	for _, w := range s.workers {
		total += len(w.files)
	}
	files := make([]*scanned, 0, total)
	for _, w := range s.workers {
		for _, f := range w.files {
			if !s.inNested(f.Path) {
				files = append(files, f)
			}
		}
	}
	slices.SortFunc(files, func(a, b *scanned) int { return strings.Compare(a.Path, b.Path) })
	return files
}

func (s *survey) inNested(name string) bool {
	if len(s.nested) == 0 {
		return false
	}
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if s.nested[dir] {
			return true
		}
	}
	return false
}

func (s *survey) nestedRoots() []string {
	var out []string
	for dir := range s.nested {
		out = append(out, dir)
	}
	slices.Sort(out)
	return out
}

// values scans the files again that other files name as Helm values. found are the
// results of the first scan.
func (s *survey) values(
	ctx context.Context, t tree.Tree, files []manifest.File, found []*scanned,
) error {
	named := map[string]bool{}
	for _, name := range manifest.ValuesFiles(files) {
		named[name] = true
	}
	for i := range files {
		name := files[i].Path
		switch {
		case !named[name] && !found[i].assumed:
			continue
		case named[name] && found[i].assumed:
			files[i] = s.cache.file(name)
			continue
		}
		src, err := t.Read(ctx, name)
		if err != nil {
			return err
		}
		if named[name] {
			files[i] = s.workers[0].scanner.ScanValues(name, src)
		} else {
			files[i] = s.workers[0].scanner.Scan(name, src)
		}
	}
	return nil
}
