// Package lockroot reads a lock root: plumb.yaml, plumb.lock, the files of its
// policies, and the references in its manifests. Each is read and parsed once, for the
// command line and for admission alike.
package lockroot

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// LockFile is the name of a lock root's lock.
const LockFile = tree.LockFile

// Root is one lock root with what is read of it.
type Root struct {
	// Dir is the absolute path of the lock root.
	Dir string
	// Tree has its files.
	Tree tree.Tree
	// Paths limit which files are considered, slash-separated and relative to Dir; nil
	// for all.
	Paths []string

	// Config is what plumb.yaml says, or the defaults where there is none.
	Config *config.Config
	// ConfigText is the text of plumb.yaml, nil where there is none.
	ConfigText []byte

	// Lock is nil where there is no plumb.lock, or none that can be read.
	Lock *lockfile.Lock
	// LockText is the text of plumb.lock, nil where there is none.
	LockText []byte
	// LockErr is why plumb.lock cannot be read: a *lockfile.SyntaxError.
	LockErr error

	// Files are what the manifests refer to, sorted by path. Those of nested lock
	// roots are not among them. See Scan.
	Files []manifest.File
	// CachedFiles is how many of Files are as the cache has them, and were not read.
	CachedFiles int
	// Nested are the directories below Dir that are lock roots of their own, sorted.
	Nested []string
	// Empty are the requested paths, "." for all, that hold no manifest; of a stream that
	// holds none, its name.
	Empty []string
	// Idle says that the lock root lies in a requested one and holds no file to verify.
	Idle bool
	// Stream is the text that was read instead of files, as from standard input, or nil.
	Stream []byte

	// Base is the directory that names of files in messages are relative to; "" for
	// Dir.
	Base string

	policies *[]PolicyFile // nil until they are read
	aliases  []manifest.Alias
	paths    *paths // nil until they are listed
}

// InvalidError reports invalid input that a person has to correct first: an argument,
// plumb.yaml, plumb.lock or a policy.
type InvalidError struct{ Err error }

// Error returns the cause.
func (e *InvalidError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *InvalidError) Unwrap() error { return e.Err }

// Display returns the name, in messages, of a file of the lock root.
func (r *Root) Display(name string) string { return Relative(r.Base, r.Dir, name) }

// Undisplay returns the path in the lock root of a file with that name in messages.
func (r *Root) Undisplay(name string) string {
	if r.Base == "" {
		return name
	}
	return Relative(r.Dir, r.Base, name)
}

// Relative returns the name, seen from the directory base, of a file in dir; the name
// itself where base is "" or dir.
func Relative(base, dir, name string) string {
	if base == "" || base == dir {
		return name
	}
	rel, err := filepath.Rel(base, filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// Read reads plumb.yaml and plumb.lock of the lock root at dir, whose files are in t.
// base is what names in messages are relative to, "" for dir. The error is an
// *InvalidError where plumb.yaml has errors; that of a lock is in LockErr instead.
func Read(ctx context.Context, dir string, t tree.Tree, base string) (*Root, error) {
	r, err := readTexts(ctx, dir, t, base)
	if err != nil {
		return nil, err
	}
	r.parseLock()
	return r, nil
}

// readTexts is Read but for parsing the lock.
func readTexts(ctx context.Context, dir string, t tree.Tree, base string) (*Root, error) {
	r := &Root{Dir: dir, Tree: t, Base: base}
	var err error
	if r.ConfigText, err = r.optional(ctx, tree.ConfigFile); err != nil {
		return nil, err
	}
	r.Config = config.Default(filepath.Base(dir))
	if r.ConfigText != nil {
		if r.Config, err = config.Parse(r.Display(tree.ConfigFile), r.ConfigText); err != nil {
			return nil, &InvalidError{err}
		}
	}
	if r.LockText, err = r.optional(ctx, LockFile); err != nil {
		return nil, err
	}
	return r, nil
}

// parseLock parses the lock's text, if there is a lock.
func (r *Root) parseLock() {
	if r.LockText != nil {
		r.Lock, r.LockErr = parseLock(r.LockText)
	}
}

// optional returns the bytes of a file, nil where there is none.
func (r *Root) optional(ctx context.Context, name string) ([]byte, error) {
	data, err := r.Tree.Read(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}

// parseLock parses a lock's text.
func parseLock(text []byte) (*lockfile.Lock, error) { return lockfile.Parse(LockFile, text) }

// ReadableLock returns the lock, an empty one where there is none. The error is an
// *InvalidError that names the file as messages do.
func (r *Root) ReadableLock() (*lockfile.Lock, error) {
	switch {
	case r.LockErr != nil:
		return nil, &InvalidError{named(r.LockErr, r.Display(LockFile))}
	case r.Lock == nil:
		return &lockfile.Lock{}, nil
	}
	return r.Lock, nil
}

// CheckLocked returns an *InvalidError where none of the lock roots has a plumb.lock.
func CheckLocked(roots []*Root) error {
	for _, r := range roots {
		if r.LockText != nil {
			return nil
		}
	}
	return invalidf("%s: not found: nothing is locked yet; to pin and lock everything: plumb lock",
		roots[0].Display(LockFile))
}

// named is the error of a lock with its file under another name.
func named(err error, name string) error {
	var syntax *lockfile.SyntaxError
	if !errors.As(err, &syntax) || name == LockFile {
		return err
	}
	other := *syntax
	other.File = name
	if head, ok := strings.CutSuffix(other.Fix, " "+LockFile); ok {
		other.Fix = head + " " + name
	}
	return &other
}

// Covers reports whether Paths include a file, under its own name or one that a symlink
// gives it.
func (r *Root) Covers(file string) bool {
	return r.Paths == nil || slices.ContainsFunc(r.Paths, func(p string) bool {
		return r.isBelow(file, p)
	})
}

// isBelow reports whether a file is path or lies below it, under any of its names.
func (r *Root) isBelow(file, path string) bool {
	if isBelow(file, path) {
		return true
	}
	for _, a := range r.aliases {
		if isBelow(file, a.Path) && isBelow(a.Name+strings.TrimPrefix(file, a.Path), path) {
			return true
		}
	}
	return false
}

// Whole reports whether all files of the lock root are considered: neither only some
// paths nor a stream.
func (r *Root) Whole() bool { return r.Paths == nil && r.Stream == nil }

// ReadLock reads only the lock of the lock root at dir on disk; base is as in Read. The
// error is fs.ErrNotExist where there is no lock, and an *InvalidError where it cannot be
// read.
func ReadLock(dir, base string) (*lockfile.Lock, error) {
	text, err := os.ReadFile(filepath.Join(dir, LockFile))
	if err != nil {
		return nil, err
	}
	l, err := parseLock(text)
	if err != nil {
		return nil, &InvalidError{named(err, Relative(base, dir, LockFile))}
	}
	return l, nil
}
