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
	named, err := s.named(ctx, r.Tree, files, found)
	if err != nil {
		return err
	}
	if err := s.judgeValues(ctx, r.Tree, files, named, found); err != nil {
		return err
	}
	if cache != nil {
		cache.store(files, found)
	}
	files = append(files, named...)
	if err := s.follow(ctx, r.Tree, files); err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	manifest.Fill(files, s.options)
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
	// assumed: the file is unchanged, was scanned as other files named it before, and so
	// was not scanned again.
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
	return s.cfg.Matches(name) || manifest.TemplateHelper(name) && !s.cfg.Excluded(name)
}

func (s *survey) walk(ctx context.Context, t tree.Tree) error {
	visit := func(n int, f tree.File, data []byte) error {
		w := &s.workers[n]
		if data == nil {
			known := s.cache.file(f.Path)
			w.add(scanned{known, f.Stamp, known.ReadAsNamed(), true})
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

// named scans the files again that other files name, each as they do. found are the
// results of the first scan, of files. The files that only their names in other files
// tell of are returned, in no order.
func (s *survey) named(
	ctx context.Context, t tree.Tree, files []manifest.File, found []*scanned,
) ([]manifest.File, error) {
	at := make(map[string]int, len(files))
	for i := range files {
		at[files[i].Path] = i
	}
	var more []manifest.File
	for again := true; again; { // a file that is read as it is named may name others
		again = false
		wanted := map[string]bool{}
		for _, n := range manifest.NamedFiles(slices.Concat(files, more)) {
			wanted[n.Path] = true
			i, known := at[n.Path]
			switch {
			case known && i < len(files) && files[i].Reads(n):
				found[i].assumed = false
				continue
			case known && i >= len(files) && more[i-len(files)].Reads(n):
				continue
			case !known && !s.reads(n.Path):
				continue
			}
			f, err := s.scanNamed(ctx, t, n)
			switch {
			case tree.Absent(err):
				continue
			case err != nil:
				return nil, err
			case !known:
				at[n.Path] = len(files) + len(more)
				more = append(more, f)
			case i < len(files):
				files[i], found[i].assumed = f, false
			default:
				more[i-len(files)] = f
			}
			again = true
		}
		for i := range files {
			if found[i].assumed && !wanted[files[i].Path] {
				src, err := t.Read(ctx, files[i].Path)
				if err != nil {
					return nil, err
				}
				files[i], found[i].assumed = s.workers[0].scanner.Scan(files[i].Path, src), false
				again = true
			}
		}
	}
	return more, nil
}

// reads reports whether a file that others name, and that the patterns do not, is read.
func (s *survey) reads(name string) bool {
	return name != "." && !strings.HasPrefix(name, "../") && !s.cfg.Excluded(name) &&
		!s.inNested(name)
}

// scanNamed reads a file as others name it.
func (s *survey) scanNamed(
	ctx context.Context, t tree.Tree, n manifest.Named,
) (manifest.File, error) {
	src, err := t.Read(ctx, n.Path)
	if err != nil {
		return manifest.File{}, err
	}
	return s.workers[0].scanner.ScanNamed(n, src), nil
}
