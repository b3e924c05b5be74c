package gitref

import (
	"cmp"
	"slices"
	"strings"
)

// The prefixes of the full names of branches and tags.
const (
	heads = "refs/heads/"
	tags  = "refs/tags/"
)

// Ref is one ref of a repository.
type Ref struct {
	Name   string // the full name: "refs/heads/main", "refs/tags/v1"
	Commit string // what it names, annotated tags peeled: 40 or 64 hex digits
	Tag    string // the id of the annotated tag object; "" if the ref names none
}

// IsBranch reports whether the ref is a branch.
func (r Ref) IsBranch() bool { return strings.HasPrefix(r.Name, heads) }

// IsTag reports whether the ref is a tag.
func (r Ref) IsTag() bool { return strings.HasPrefix(r.Name, tags) }

// Refs are what a repository advertises. What a ref names is a commit as far as a list of
// refs tells: a lightweight tag may name something else, which only reading it shows.
type Refs struct {
	refs []Ref  // sorted by name
	head string // what HEAD names; "" where it is missing or detached
}

// Head returns the branch that HEAD names, the repository's default branch. It returns
// false where the server has no HEAD, a detached one, or one that names a branch without
// commits.
func (r *Refs) Head() (Ref, bool) {
	if r.head == "" {
		return Ref{}, false
	}
	return r.Find(r.head)
}

// Find returns the ref of a full name. "HEAD" is what the server advertises under that
// name, also if it is detached.
func (r *Refs) Find(full string) (Ref, bool) {
	i, ok := slices.BinarySearchFunc(r.refs, full, func(ref Ref, name string) int {
		return cmp.Compare(ref.Name, name)
	})
	if !ok {
		return Ref{}, false
	}
	return r.refs[i], true
}

// All returns every ref, sorted by name.
func (r *Refs) All() []Ref { return slices.Clone(r.refs) }

// Tags returns the tags, sorted by name.
func (r *Refs) Tags() []Ref { return r.under(tags) }

// Branches returns the branches, sorted by name.
func (r *Refs) Branches() []Ref { return r.under(heads) }

// under returns the refs whose name begins with prefix.
func (r *Refs) under(prefix string) []Ref {
	var out []Ref
	for _, ref := range r.refs {
		if strings.HasPrefix(ref.Name, prefix) {
			out = append(out, ref)
		}
	}
	return out
}

// Named returns the tag and the branch of a short name, in this order, as far as they
// exist. Two refs are two answers: which of them is meant is not known.
func (r *Refs) Named(short string) []Ref {
	var out []Ref
	for _, prefix := range []string{tags, heads} {
		if ref, ok := r.Find(prefix + short); ok {
			out = append(out, ref)
		}
	}
	return out
}

// tip returns a branch whose tip is commit, the default branch before others, else such
// a tag.
func (r *Refs) tip(commit string) (Ref, bool) {
	if head, ok := r.Head(); ok && head.IsBranch() && head.Commit == commit {
		return head, true
	}
	for _, prefix := range []string{heads, tags} {
		for _, ref := range r.refs {
			if ref.Commit == commit && strings.HasPrefix(ref.Name, prefix) {
				return ref, true
			}
		}
	}
	return Ref{}, false
}
