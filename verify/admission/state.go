package admission

import (
	"path"
	"slices"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// State is a version of a repository to review objects by: immutable, and safe for
// concurrent use. The zero State denies.
type State struct {
	// Source names where the version came from.
	Source string
	// Commit is the version's commit, or the digest of its content.
	Commit string
	// Time is that of the commit.
	Time time.Time
	// Signer is that of the commit; "" if no signature was required.
	Signer string

	roots []*servedRoot
	files source.Files // that the state was loaded from
}

// servedRoot is a lock root with the namespaces that it serves.
type servedRoot struct {
	path       string
	namespaces []string // nil: all that no other root serves
	source     string
	commit     string

	lock       *lockfile.Lock
	index      *verify.Index
	judge      *evidence.Judge
	judgements map[string]verify.Judgement // of images, by their tracked name
	byObject   bool                        // judgements depend on the object
	platforms  []string
	exceptions []config.Exception
	scanners   sync.Pool // of *manifest.Scanner
}

// Root is a lock root to serve.
type Root struct {
	// Path is relative to the top of the repository; "." is the top.
	Path string
	// Namespaces are those that the root serves; none: all that no other root serves.
	Namespaces []string
}

// Files are those that the state was loaded from: what to save of a version to load the
// state again.
func (s *State) Files() source.Files { return s.files }

// Images is the number of images in the locks.
func (s *State) Images() int {
	n := 0
	for _, root := range s.roots {
		n += len(root.judgements)
	}
	return n
}

// Unaccepted are the tracked names, sorted, of the images in the locks that the policies do
// not accept. Each is denied.
func (s *State) Unaccepted() []string {
	var names []string
	for _, root := range s.roots {
		for name, j := range root.judgements {
			if !j.Accepted || len(j.Faults) > 0 {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// root is the lock root that serves a namespace; nil if none does.
func (s *State) root(namespace string) *servedRoot {
	var rest *servedRoot
	for _, root := range s.roots {
		switch {
		case slices.Contains(root.namespaces, namespace):
			return root
		case len(root.namespaces) == 0:
			rest = root
		}
	}
	return rest
}

func (root *servedRoot) lockFile() string { return path.Join(root.path, lockroot.LockFile) }

// objectName is what an object is called as a file.
const objectName = "object.json"

// scan finds the references of an object.
func (root *servedRoot) scan(object []byte) manifest.File {
	s := root.scanners.Get().(*manifest.Scanner)
	defer root.scanners.Put(s)
	f := s.Scan(objectName, object)
	f.WithoutSources() // they start nothing by themselves
	return f
}
