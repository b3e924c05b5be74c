package tree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Special is what a tree lists besides files: a symlink or a submodule.
type Special struct {
	Path   string
	Target string // what a symlink holds, as git stores it; "" of a submodule
	Commit string // the id that is recorded of a submodule; "" of a symlink
}

// oddities are what a walk of a work tree lists besides files.
type oddities struct {
	mu         sync.Mutex
	links      map[string]string // path to the id in the index, "" for that on disk
	submodules map[string]string // path to commit
	sparse     map[string]string // path to id
	others     []string          // untracked, of whatever type
}

func (o *oddities) put(m *map[string]string, path, value string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[path] = value
}

func (o *oddities) link(path string)              { o.put(&o.links, path, "") }
func (o *oddities) submodule(path, commit string) { o.put(&o.submodules, path, commit) }
func (o *oddities) leftOut(path, id string)       { o.put(&o.sparse, path, id) }

func (o *oddities) tracked(path, id string, sparse bool) {
	if !sparse {
		id = ""
	}
	o.put(&o.links, path, id)
}

func (o *oddities) untracked(path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.others = append(o.others, path)
}

// lastListed returns what the last walk found, and walks where there was none.
func (t *WorkTree) lastListed(ctx context.Context) (*oddities, error) {
	t.listed.Lock()
	odd := t.odd
	t.listed.Unlock()
	if odd != nil {
		return odd, nil
	}
	none := func(string) bool { return false }
	if err := t.Each(ctx, none, nil); err != nil {
		return nil, err
	}
	t.listed.Lock()
	defer t.listed.Unlock()
	return t.odd, nil
}

// sparse returns the object id of a file that the last walk found to be one that a sparse
// checkout may leave out, or "".
func (t *WorkTree) sparse(path string) string {
	t.listed.Lock()
	defer t.listed.Unlock()
	if t.odd == nil {
		return ""
	}
	return t.odd.sparse[path]
}

// LeftOut reports whether a sparse checkout leaves a file out, as the last walk found it.
func (t *WorkTree) LeftOut(path string) bool {
	if t.sparse(path) == "" {
		return false
	}
	_, err := os.Lstat(t.path(path))
	return err != nil
}

// LeavesOut reports whether the last walk found a file that a sparse checkout may leave out.
func (t *WorkTree) LeavesOut() bool {
	t.listed.Lock()
	defer t.listed.Unlock()
	return t.odd != nil && len(t.odd.sparse) > 0
}

// Specials returns the symlinks and submodules of the tree, sorted, as of its last walk.
func (t *WorkTree) Specials(ctx context.Context) ([]Special, error) {
	odd, err := t.lastListed(ctx)
	if err != nil {
		return nil, err
	}
	for _, path := range odd.others {
		if info, err := os.Lstat(t.path(path)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			odd.link(path)
		}
	}
	var out []Special
	for path, id := range odd.links {
		target, err := os.Readlink(t.path(path))
		if err != nil && id != "" {
			var data []byte
			data, err = t.git.blob(ctx, object{path: path, id: id})
			target = string(data)
		}
		if err != nil {
			continue // deleted, or a file by now
		}
		out = append(out, Special{Path: path, Target: filepath.ToSlash(target)})
	}
	for path, commit := range odd.submodules {
		out = append(out, Special{Path: path, Commit: commit})
	}
	slices.SortFunc(out, func(a, b Special) int { return cmp.Compare(a.Path, b.Path) })
	return out, nil
}

func (t *WorkTree) path(name string) string {
	return filepath.Join(t.root, filepath.FromSlash(name))
}

// IsDir reports whether there is a directory at path, not reached by a symlink.
func (t *WorkTree) IsDir(path string) bool {
	r, err := openReader(t.root)
	if err != nil {
		return false
	}
	defer r.close()
	if r.plainParent(path) == nil {
		if f, err := r.dir.lstat(path); err == nil {
			return f.Mode.IsDir()
		}
	}
	t.listed.Lock()
	defer t.listed.Unlock()
	if t.odd != nil {
		for file := range t.odd.sparse {
			if strings.HasPrefix(file, path+"/") {
				return true
			}
		}
	}
	return false
}

// Above returns the tree of the whole repository, and where in it this one is, "." if it is
// the whole. ok is false where there is no repository.
func (t *WorkTree) Above(ctx context.Context) (whole Tree, dir string, ok bool) {
	top, git, err := TopLevel(ctx, t.root)
	if err != nil || !git {
		return nil, "", false
	}
	rel, err := filepath.Rel(top, resolved(t.root))
	switch {
	case err != nil || !filepath.IsLocal(rel):
		return nil, "", false
	case rel == ".":
		return t, rel, true
	}
	above, err := OpenWorkTree(ctx, top)
	return above, filepath.ToSlash(rel), err == nil
}

// Specials returns the symlinks and submodules of the snapshot, sorted.
func (s *Snapshot) Specials(ctx context.Context) ([]Special, error) {
	var out []Special
	var links []object
	for _, o := range s.objects {
		switch {
		case o.mode.IsDir():
			out = append(out, Special{Path: o.path, Commit: o.id})
		case o.mode&fs.ModeSymlink != 0:
			links = append(links, o)
		}
	}
	var unread fileErrors
	b := blobs{git: s.git}
	defer b.close()
	take := func(_ int, f File, data []byte) error {
		out = append(out, Special{Path: f.Path, Target: string(data)})
		return nil
	}
	for batch := range slices.Chunk(links, batchSize) {
		if err := b.each(ctx, batch, nil, 0, take, &unread); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Special) int { return cmp.Compare(a.Path, b.Path) })
	return out, unread.unreadable()
}

// IsDir reports whether the snapshot holds something below path.
func (s *Snapshot) IsDir(path string) bool {
	i, _ := slices.BinarySearchFunc(s.objects, path+"/", func(o object, path string) int {
		return cmp.Compare(o.path, path)
	})
	return i < len(s.objects) && strings.HasPrefix(s.objects[i].path, path+"/")
}

// Above returns the whole snapshot, and where in it this part is, "." if it is the whole.
func (s *Snapshot) Above(context.Context) (whole Tree, dir string, ok bool) {
	if s.whole == nil {
		return s, ".", true
	}
	return s.whole, s.dir, true
}

// ErrNotCheckedOut says that a submodule's repository is not there.
var ErrNotCheckedOut = errors.New("not checked out")

// OpenSubmodule lists the commit that a tree records of its submodule in the directory dir,
// whatever is checked out there. The error is ErrNotCheckedOut where there is no
// repository, and a *RevisionError where it does not have the commit.
func OpenSubmodule(ctx context.Context, dir, commit string) (*Snapshot, error) {
	if _, err := os.Lstat(filepath.Join(dir, ".git")); err != nil {
		return nil, ErrNotCheckedOut // git would find the repository around it
	}
	s, err := openSnapshot(ctx, dir)
	if err != nil {
		return nil, err
	}
	// What a hook finds in the environment is about the repository around the submodule.
	s.git.env = without(s.git.env, localVariables)
	top, err := s.git.line(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	if resolved(filepath.FromSlash(top)) != resolved(s.root) {
		return nil, fmt.Errorf("%s is not the top of its repository", dir)
	}
	return s.openCommit(ctx, commit)
}
