// Package source tells where admission has a repository's lock from: a git
// repository, a directory or a ConfigMap. A Source yields Versions, each whole
// and in memory, so that what is judged cannot change while it is judged.
package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// Version is what a source held at one moment.
type Version struct {
	// Source names it for people: "https://git.example.org/acme/cluster.git main",
	// "/etc/plumb", "configmap shop/lock".
	Source string
	// Commit is the full id of the commit; where there is none, the digest of the
	// content as "sha256:" and hex digits.
	Commit string
	// Time is when the commit was made, by its committer; where there is none, when
	// the content was first seen.
	Time time.Time
	// Signer says in words who signed the commit, "" where nobody was asked for.
	Signer string
	// Files is the tree, or those parts of it that were asked for.
	Files Files
}

// Files are files in memory, by their slash-separated path from the top of the
// repository.
type Files map[string][]byte

// Read returns the content of a file, which nobody changes.
func (f Files) Read(name string) ([]byte, error) {
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return data, nil
}

// Digest tells contents apart, names and all: "sha256:" and hex digits.
func (f Files) Digest() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		one := sha256.Sum256(f[name])
		_, _ = fmt.Fprintf(sum, "%q %x\n", name, one) // a hash takes everything
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// ErrUnchanged says that the source holds what is served already.
var ErrUnchanged = errors.New("nothing has changed")

// Source yields versions.
type Source interface {
	// Fetch returns the present version. served is the version that is served, the zero
	// Version at first. The error is ErrUnchanged, a *RefusedError for a version that
	// must not be served, or says why it cannot be told now what there is.
	Fetch(ctx context.Context, served Version) (Version, error)
}

// RefusedError is a version that must not be served, whoever wrote it: its commit
// is not signed by those who have to, or goes back behind what is served.
type RefusedError struct {
	Commit string
	Reason string
}

// Error names the commit and the reason.
func (e *RefusedError) Error() string { return "commit " + e.Commit + " is refused: " + e.Reason }
