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

// State is a version of a repository that admission judges by: immutable, and for
// many goroutines at once. The zero State denies.
type State struct {
	Source string    // that the version came from
	Commit string    // its commit, or the digest of its content
	Time   time.Time // of the commit
	Signer string    // of the commit, "" if nobody was asked for

	roots []*servedRoot
	files source.Files // that all this was made of
}

// servedRoot is a lock root with the namespaces that it governs.
type servedRoot struct {
	path       string
	namespaces []string // nil: all that no other root governs
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

// Root is a lock root that is to be served.
type Root struct {
	Path       string   // from the top of the repository; "." is the top
	Namespaces []string // that it governs; none: all that no other root governs
}

// Files are those that the state was made of: what has to be kept of a version to
// make it again.
func (s *State) Files() source.Files { return s.files }

// Images is how many images the locks have.
func (s *State) Images() int {
	n := 0
	for _, root := range s.roots {
		n += len(root.judgements)
	}
	return n
}

// Unaccepted are the images of the locks, by their tracked names and sorted, that the
// policies do not accept: each is denied, whatever the lock says.
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

// root is the lock root that governs a namespace, nil if there is none.
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

// scan finds what an object refers to.
func (root *servedRoot) scan(object []byte) manifest.File {
	s := root.scanners.Get().(*manifest.Scanner)
	defer root.scanners.Put(s)
	return s.Scan("object.json", object)
}
