// Package source fetches the lock that admission reviews objects by, from a git repository,
// a directory or a ConfigMap. A Source returns Versions, each complete and in memory, so
// that a version cannot change while it is verified.
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
	// Commit is the full id of the commit; without git, the digest of the content as
	// "sha256:" and hex digits.
	Commit string
	// Time is the committer's; without git, when the content was first seen.
	Time time.Time
	// Signer describes the signer of the commit; "" if no signature was required.
	Signer string
	// Files is the tree, or the parts of it that admission may need.
	Files Files
}

// Files are files in memory, by their slash-separated path from the top of the
// repository.
type Files map[string][]byte

// Read returns the content of a file, which must not be changed.
func (f Files) Read(name string) ([]byte, error) {
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return data, nil
}

// Digest is a digest over names and contents: "sha256:" and hex digits.
func (f Files) Digest() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		one := sha256.Sum256(f[name])
		_, _ = fmt.Fprintf(sum, "%q %x\n", name, one) // a hash takes everything
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// ErrUnchanged is the error of Fetch if the source has the version that is served.
var ErrUnchanged = errors.New("nothing has changed")

// Source is where versions come from.
type Source interface {
	// Fetch returns the current version. served is the version that is served, the zero
	// Version at first. The error is ErrUnchanged, a *RefusedError for a version that must
	// not be served, or a transient failure.
	Fetch(ctx context.Context, served Version) (Version, error)
}

// RefusedError is the error for a version that must not be served: its commit has no valid
// signature, does not descend from the one that is served, or does not verify.
type RefusedError struct {
	// Commit is the id of the commit.
	Commit string
	// Reason is why.
	Reason string
}

// Error names the commit and the reason.
func (e *RefusedError) Error() string { return "commit " + e.Commit + " is refused: " + e.Reason }
