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

// Scan reads every file that may hold manifests, and finds its references and remarks:
// those that the patterns name, those that other files name, and what symlinks and
// submodules lead to. For a file that has not changed since, these come from the cache,
// which may be nil.
func (r *Root) Scan(ctx context.Context, cache *Cache) error {
	s := newSurvey(r, cache)
	if err := s.walk(ctx, r.Tree); err != nil {
		return err
	}
	s.pruneNested()
	found := s.collect(ctx)
	if err := s.lead(ctx, found); err != nil {
		return err
	}
	// Appended to, as an assignment reads fresh memory first, at the price of a page fault more.
	files := make([]manifest.File, 0, len(found))
	r.CachedFiles = 0
	for _, f := range found {
		files = append(files, *f.File)
		if f.cached {
			r.CachedFiles++
		}
	}
	more, err := s.byName(ctx, files, found)
	if err != nil {
		return err
	}
	if err := s.judgeValues(ctx, files, more, found); err != nil {
		return err
	}
	if cache != nil {
		cache.store(files, found)
	}
	files = append(files, more...)
	if err := s.replaced(ctx, files); err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	manifest.Fill(files, s.options)
	if err := s.ownLocks(ctx, files); err != nil {
		return err
	}
	if err := s.vendored(ctx, files); err != nil {
		return err
	}
	for i := range files {
		s.settle(&files[i])
	}
	r.Files, r.Nested, r.aliases = s.remarks(files), s.nestedRoots(), s.aliases
	return nil
}

// survey is one pass over a tree.
type survey struct {
	tree    tree.Tree
	cfg     *config.Config
	options manifest.Options
	cache   *Cache
	nested  map[string]bool
	missing []string // of nested, those that are not there
	workers []worker

	charts  map[string]bool  // their folders
	packed  []string         // files that may be, or say that there are, vendored charts
	links   links            // symlinks, also those in submodules
	modules []module         // submodules
	aliases []manifest.Alias // what symlinks lead to, files and folders
	named   []manifest.Alias // of those, the files that only symlinks make manifests
	mounted []manifest.File  // what is not read as a file of the tree under its own name

	left     map[string]bool // files that plumb.yaml leaves out
	unknowns []manifest.Remark
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
	*manifest.File // perhaps the cache's
	stamp          tree.Stamp
	// assumed: the file is unchanged, was scanned as other files named it before, and so
	// was not scanned again.
	assumed bool
	cached  bool // it was not read
}

func newSurvey(r *Root, cache *Cache) *survey {
	s := &survey{tree: r.Tree, cfg: r.Config, cache: cache, nested: map[string]bool{},
		options: scanOptions(r.Config), links: links{}}
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
	if mayBeVendored(name) {
		s.packed = append(s.packed, name)
	}
	if s.cfg.Matches(name) || s.template(name) ||
		manifest.TemplateHelper(name) && !s.cfg.Excluded(name) {
		return true
	}
	if candidate(s.cfg, name) {
		s.leave(name)
	}
	return false
}

func (s *survey) walk(ctx context.Context, t tree.Tree) error {
	visit := func(n int, f tree.File, data []byte) error {
		w := &s.workers[n]
		if data == nil {
			known := s.cache.file(f.Path)
			w.add(scanned{known, f.Stamp, known.ReadAsNamed(), true})
			return nil
		}
		found := w.scanner.Scan(f.Path, data)
		w.add(scanned{File: &found, stamp: f.Stamp})
		return nil
	}
	c, ok := t.(changing)
	switch {
	case !ok || s.cache == nil:
		return t.Each(ctx, s.match, visit)
	case s.cache.absent:
		return c.EachChanged(ctx, s.match, nil, visit)
	}
	return c.EachChanged(ctx, s.match, s.cache.unchanged, visit)
}

// collect gathers what the workers found, sorted, without nested lock roots.
func (s *survey) collect(ctx context.Context) []*scanned {
	s.findCharts()
	total := 0
	for _, w := range s.workers {
		total += len(w.files)
	}
	files := make([]*scanned, 0, total)
	for _, w := range s.workers {
		for _, f := range w.files {
			if !s.inNested(f.Path) && s.keeps(ctx, f.File) {
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
		if !slices.Contains(s.missing, dir) {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}
