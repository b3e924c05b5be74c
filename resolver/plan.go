// Package resolver joins what manifests name, what the lock says and what
// registries serve into one plan: which bytes change, and the next lock.
// Planning writes nothing.
package resolver

import (
	"context"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// Registry resolves names to content. *registry.Client is one.
type Registry interface {
	// Resolve reads what name means now. What it returns is hashed, not claimed.
	Resolve(
		ctx context.Context, name oci.Name, kind lockfile.Kind, platforms []string,
	) (registry.Content, error)
	// Head returns what the registry claims that name means, or "" if it claims nothing.
	Head(ctx context.Context, name oci.Name) (digest string, err error)
	// Tags lists the tags of the repository that name is in.
	Tags(ctx context.Context, name oci.Name) ([]string, error)
	// Exists returns nil if what name's digest stands for can be pulled, with the
	// manifests, configs and layers of those platforms that have a config. A
	// *registry.Error that is NotFound says that it cannot.
	Exists(ctx context.Context, name oci.Name, platforms []lockfile.Platform) error
	// RunsOn returns nil if the configs of these platforms are for them, and a
	// *registry.WrongError if one is for another.
	RunsOn(ctx context.Context, name oci.Name, platforms []lockfile.Platform) error
}

// DefaultPlatforms are those whose config digests a lock records where
// plumb.yaml names none.
var DefaultPlatforms = []string{"linux/amd64", "linux/arm64"}

// Options say what to plan. The zero Options bring lock and manifests into
// agreement without moving a pin.
type Options struct {
	// Platforms are those whose config digests are recorded. Every image that
	// lacks one of them is among the Problems. Nil stands for DefaultPlatforms,
	// which may be lacking.
	Platforms []string
	Style     manifest.PinStyle // how pins are written
	Images    []Image           // names that plumb.yaml gives
	// Excepted reports whether a reference is left alone. Nil: none is.
	Excepted func(file string, names ...string) bool
	// Within reports whether a file may be edited. Nil: every file may.
	Within func(file string) bool
	// Update reports whether a name's pin may move to what it means now. Nil:
	// none moves.
	Update func(n Tracked) bool
	// KeepDigest reports whether a name is locked with the digest that its places carry, though
	// the lock has that of another tag. Nil: none is, unless the tag means it.
	KeepDigest func(n Tracked) bool
	// Known are entries whose content is known although the lock does not hold
	// them, such as those of a merge.
	Known []lockfile.Entry
	// Prover finds the evidence of images that are to be locked. Nil: there are no
	// policies.
	Prover Prover
	// Sources resolve git repositories, charts and URLs. Nil: none of them is looked at, which
	// is for trees without any only.
	Sources *Sources
	// Own reports whether a source is the tree's own repository. Nil: none is.
	Own func(*manifest.Source) bool
	// Progress is told of the names that are queried. Nil is fine.
	Progress Progress
}

// Image is a name that plumb.yaml gives.
type Image struct {
	Name  string        // canonical tracked name; a repository's if it has neither tag nor digest
	Range version.Range // in which its tag moves, zero for none
	// Locked says that the name is to be locked although no file holds it.
	Locked bool
	Place  // in plumb.yaml
	// TagStart and TagEnd are where the tag stands in the bytes of that file. Both
	// are 0 if it cannot be changed there.
	TagStart, TagEnd int
}

// Tracked is a tracked name and how people write it.
type Tracked struct {
	Kind    lockfile.Kind
	Name    string   // canonical
	Written []string // as in the manifests, sorted
}

// Plan is what is to be done.
type Plan struct {
	Edits    map[string][]manifest.Edit // by file
	Lock     *lockfile.Lock
	Changes  []Change  // sorted
	Problems []Problem // what stays wrong whatever is written, sorted by place
	Notes    []Problem // what a reader should know although nothing is wrong, sorted by place
	Failures []Failure // names that could not be resolved, sorted by name
	Queried  int       // how many names had to be queried
	Still    []string  // names that were to be updated and follow a tag of one build, sorted
	// Stale are places with the digest of another tag than theirs, which are not locked.
	Stale []Problem
	// Conflicts are names whose manifests disagree: with one, nothing may be written.
	Conflicts []Problem
}

// Change is one entry of the lock that changes, and the places that refer to it.
type Change struct {
	lockfile.Move
	Places []Place
}

// Place is a line that refers to a name.
type Place struct {
	File         string
	Line, Column int
}

// Problem is something that a person has to fix.
type Problem struct {
	Place
	Reference string
	Message   string
	Fix       string
	Pins      []Pin // that differ, if that is the problem
}

// Pin is a digest and the places that carry it.
type Pin struct {
	Digest string
	Places []Place
}

// Failure is a name that could not be resolved.
type Failure struct {
	Kind   lockfile.Kind
	Name   string
	Err    error
	Places []Place
	Digest string // that was queried, of a pin; "" where it was a tag
}
