// Package tree says where a lock root's bytes come from and how they are
// written back: from the work tree, the git index or a commit, and to the work
// tree alone.
//
// Git is called through its binary, so that ignore rules, sparse
// checkouts, linked work trees and index formats mean what they mean to git. No
// filter (end-of-line conversion, LFS) is run: a blob is read as it is stored,
// a file as it lies on disk. Symlinks are never followed for reading; what they
// lead to inside the tree is listed by its own name.
package tree

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
)

// MaxFileSize is the largest file, in bytes, that a Tree reads. Manifests are
// limited by etcd to about a mebibyte each; what is larger than this by far is
// something else under a manifest's name.
const MaxFileSize = 64 << 20

// Tree is the set of files of one lock root. Paths are slash-separated and
// relative to Root. A Tree may be used by many goroutines at once.
type Tree interface {
	// Root is the absolute path of the directory that the tree's paths are
	// relative to.
	Root() string

	// Each reads every file whose path match accepts and calls fn with it, from
	// Workers goroutines, in no order. No two calls at once share a worker, which
	// is from 0 to Workers()-1. data is valid during the call only. match is
	// called from one goroutine at a time.
	//
	// The first error of fn ends the walk and is returned. Files that cannot be
	// read do not: they are returned together as an *UnreadableError in the end.
	Each(ctx context.Context, match func(path string) bool, fn Visit) error

	// Read returns the bytes of one file. The error is fs.ErrNotExist where there
	// is none.
	Read(ctx context.Context, path string) ([]byte, error)
}

// Visit is called with each file of a tree. See Tree.
type Visit func(worker int, f File, data []byte) error

// Workers is the number of goroutines that Each calls its Visit from.
func Workers() int { return runtime.GOMAXPROCS(0) }

// File names one file of a tree.
type File struct {
	Path string
	Mode fs.FileMode // type and permission bits

	// Object is the git object id of the content. It is empty in a work tree.
	Object string
	// Stamp tells one state of a file in a work tree from another. It is zero in
	// the index and in a commit, where Object does.
	Stamp Stamp
}

// Stamp is what the file system says about a file's content without reading it:
// as long as a file's Stamp stays the same, and is older than the moment it was
// taken by more than the clock's resolution, so does its content.
type Stamp struct {
	Size          int64  // bytes
	Modified      int64  // nanoseconds since 1970
	Changed       int64  // nanoseconds since 1970; 0 where the system keeps no such time
	Device, Inode uint64 // 0 where the system has none
}

// FileError is an error about one file.
type FileError struct {
	Path string // slash-separated, relative to the tree's root
	Err  error
}

// Error returns the path and the cause.
func (e FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e FileError) Unwrap() error { return e.Err }

// UnreadableError lists every file that a walk could not read, sorted by path.
type UnreadableError struct {
	Files []FileError
}

// Error returns one line for each file.
func (e *UnreadableError) Error() string { return joinFiles("reading", e.Files) }

// Unwrap returns the files' errors.
func (e *UnreadableError) Unwrap() []error { return unwrapFiles(e.Files) }

func joinFiles(operation string, files []FileError) string {
	lines := make([]string, len(files))
	for i, f := range files {
		lines[i] = fmt.Sprintf("%s %s", operation, f.Error())
	}
	return strings.Join(lines, "\n")
}

func unwrapFiles(files []FileError) []error {
	errs := make([]error, len(files))
	for i, f := range files {
		errs[i] = f
	}
	return errs
}
