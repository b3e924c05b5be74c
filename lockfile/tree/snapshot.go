package tree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Snapshot is the files of the git index or of a commit, as they were listed
// when it was opened. Nothing of it is read from disk.
type Snapshot struct {
	root    string
	git     git
	objects []object // sorted by path

	whole *Snapshot // that this one is a part of, or nil
	dir   string    // where in it, slash-separated
}

// object is one file of a Snapshot; a symlink, or a submodule, whose mode is that of a
// directory and whose id that of a commit.
type object struct {
	path string
	id   string
	mode fs.FileMode
}

// UnmergedError says that the git index holds a merge that is not done: several
// versions of these files, none of which is what will be committed.
type UnmergedError struct {
	Paths []string // sorted
}

// Error names the files and how to get on.
func (e *UnmergedError) Error() string {
	return fmt.Sprintf(
		"the git index holds an unfinished merge of %s: resolve it and git add the result",
		strings.Join(e.Paths, ", "))
}

// RevisionError says that a name means no commit in the repository.
type RevisionError struct {
	Rev string
	Err error // what git said
}

// Error quotes the name and git.
func (e *RevisionError) Error() string {
	return fmt.Sprintf("unknown revision %q: %v", e.Rev, e.Err)
}

// Unwrap returns the git error.
func (e *RevisionError) Unwrap() error { return e.Err }

// OpenIndex lists what the git index holds at or below dir: what git commit
// would record. It honours GIT_INDEX_FILE, with which git tells a hook that
// another index is about to be committed. Files that git add --intent-to-add
// has only announced are left out. The error is an *UnmergedError where a merge
// is in progress.
func OpenIndex(ctx context.Context, dir string) (*Snapshot, error) {
	s, err := openSnapshot(ctx, dir)
	if err != nil {
		return nil, err
	}
	var unmerged []string
	err = s.list(ctx, func(fields []string, path string) error {
		if len(fields) != 3 { // mode, id, stage
			return errListing
		}
		if fields[2] != "0" {
			unmerged = append(unmerged, path)
			return nil
		}
		s.add(fields[0], fields[1], path)
		return nil
	}, "ls-files", "-z", "--stage")
	if err != nil {
		return nil, err
	}
	if len(unmerged) > 0 {
		slices.Sort(unmerged)
		return nil, &UnmergedError{Paths: slices.Compact(unmerged)}
	}
	if err := s.dropIntended(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// OpenCommit lists what the commit that rev names holds at or below dir. The
// error is a *RevisionError where rev is not a commit.
func OpenCommit(ctx context.Context, dir, rev string) (*Snapshot, error) {
	s, err := openSnapshot(ctx, dir)
	if err != nil {
		return nil, err
	}
	return s.openCommit(ctx, rev)
}

// openCommit lists the commit that rev names.
func (s *Snapshot) openCommit(ctx context.Context, rev string) (*Snapshot, error) {
	commit, err := s.git.line(ctx, "rev-parse", "--verify", "--end-of-options", rev+"^{commit}")
	if err != nil {
		var failed *GitError
		if errors.As(err, &failed) && strings.Contains(failed.Said, "Needed a single revision") {
			failed.Said = "no such revision, or not a commit"
		}
		if noGit(err) || ctx.Err() != nil {
			return nil, err
		}
		return nil, &RevisionError{Rev: rev, Err: err}
	}
	err = s.list(ctx, func(fields []string, path string) error {
		if len(fields) != 3 { // mode, type, id
			return errListing
		}
		s.add(fields[0], fields[2], path)
		return nil
	}, "ls-tree", "-r", "-z", commit)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func openSnapshot(ctx context.Context, dir string) (*Snapshot, error) {
	root, err := absoluteDir(dir)
	if err != nil {
		return nil, err
	}
	git, err := openGit(ctx, root)
	if err != nil {
		return nil, err
	}
	return &Snapshot{root: root, git: git}, nil
}

// errListing says that git printed another form of list than it is known to.
var errListing = errors.New("unexpected output from git")

// list runs a git command that lists files and calls read with the fields and
// the path of each.
func (s *Snapshot) list(
	ctx context.Context, read func(fields []string, path string) error, args ...string,
) error {
	out, err := s.git.output(ctx, args...)
	if err != nil {
		return err
	}
	for record := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if record == "" {
			continue // an empty list
		}
		facts, path, ok := strings.Cut(record, "\t")
		if !ok {
			return errListing
		}
		if err := read(strings.Fields(facts), path); err != nil {
			return err
		}
	}
	slices.SortFunc(s.objects, func(a, b object) int { return cmp.Compare(a.path, b.path) })
	return nil
}

// add takes a file of the given git mode.
func (s *Snapshot) add(mode, id, path string) {
	if m, ok := modeOf(mode); ok {
		s.objects = append(s.objects, object{path: path, id: id, mode: m})
	}
}

// modeOf translates the mode that git lists a file with.
func modeOf(mode string) (fs.FileMode, bool) {
	switch mode {
	case "100644":
		return 0o644, true
	case "100755":
		return 0o755, true
	case "120000":
		return fs.ModeSymlink | 0o777, true
	case "160000":
		return fs.ModeDir | 0o755, true
	}
	return 0, false
}

// emptyBlobs are the object ids of no bytes, by SHA-1 and by SHA-256.
var emptyBlobs = []string{
	"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
	"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}

// maxNamed is how many paths a git command is given by name. With more it is
// quicker, and surer to stay below the system's limit, to list all.
const maxNamed = 200

// dropIntended drops the files that the index merely announces. The index lists
// them as empty ones; git diff-files tells which they are.
func (s *Snapshot) dropIntended(ctx context.Context) error {
	args := []string{"diff-files", "-z", "--name-only", "--diff-filter=A", "--relative", "--"}
	var empty []string
	for _, o := range s.objects {
		if slices.Contains(emptyBlobs, o.id) {
			empty = append(empty, o.path)
		}
	}
	if len(empty) == 0 {
		return nil
	}
	if len(empty) <= maxNamed {
		args = append(args, empty...)
	}
	out, err := s.git.output(ctx, args...)
	if err != nil {
		return err
	}
	intended := strings.Split(string(out), "\x00")
	s.objects = slices.DeleteFunc(s.objects,
		func(o object) bool { return slices.Contains(intended, o.path) })
	return nil
}

// Root is the absolute path of the directory that the paths are relative to.
func (s *Snapshot) Root() string { return s.root }

// Enclosing returns the part of the snapshot that belongs to the lock root of
// the directory dir, slash-separated and relative to Root: the nearest one from
// dir up to Root that holds a plumb.yaml in the snapshot, else Root.
func (s *Snapshot) Enclosing(dir string) *Snapshot {
	for dir = path.Clean(dir); dir != "."; dir = path.Dir(dir) {
		if _, ok := s.find(dir + "/" + ConfigFile); ok {
			return s.sub(dir)
		}
	}
	return s
}

// sub returns the part of the snapshot below dir.
func (s *Snapshot) sub(dir string) *Snapshot {
	part := &Snapshot{root: filepath.Join(s.root, filepath.FromSlash(dir)), git: s.git,
		whole: s, dir: dir}
	for _, o := range s.objects {
		if below, ok := strings.CutPrefix(o.path, dir+"/"); ok {
			o.path = below
			part.objects = append(part.objects, o)
		}
	}
	return part
}

// find returns the file at path.
func (s *Snapshot) find(path string) (object, bool) {
	i, ok := slices.BinarySearchFunc(s.objects, path, func(o object, path string) int {
		return cmp.Compare(o.path, path)
	})
	if !ok {
		return object{}, false
	}
	return s.objects[i], true
}
