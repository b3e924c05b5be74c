package admission

import (
	"context"
	"path"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

// used are the files of a version, and those among them that were read: a repository has
// many more, which need not be saved.
type used struct {
	all source.Files

	mu   sync.Mutex
	read source.Files
}

// keepEvidence keeps all evidence in a folder: other policies may need more of it.
func (u *used) keepEvidence(folder string) {
	for name, data := range u.all {
		if strings.HasPrefix(name, folder+"/") {
			u.keep(name, data)
		}
	}
}

func (u *used) keep(name string, data []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.read[name] = data
}

// rootTree is the tree of a lock root in a version.
type rootTree struct {
	files *used
	path  string // of the lock root
}

// Root is the directory of the lock root, if the top of the version were "/".
func (t *rootTree) Root() string { return path.Join("/", t.path) }

// Read reads a file.
func (t *rootTree) Read(_ context.Context, name string) ([]byte, error) {
	name = path.Join(t.path, name)
	data, err := t.files.all.Read(name)
	if err == nil {
		t.files.keep(name, data)
	}
	return data, err
}

// Each calls fn with the files that match accepts. It keeps none of them: the policies
// among them are kept by loadRoot.
func (t *rootTree) Each(_ context.Context, match func(path string) bool, fn tree.Visit) error {
	for name, data := range t.files.all {
		below, ok := name, true
		if t.path != "." {
			below, ok = strings.CutPrefix(name, t.path+"/")
		}
		if !ok || !match(below) {
			continue
		}
		if err := fn(0, tree.File{Path: below}, data); err != nil {
			return err
		}
	}
	return nil
}
