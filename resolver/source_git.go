package resolver

import (
	"context"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver/gitref"
)

// RefusedError says that a source names content that plumb does not lock, whatever the
// registry or repository is asked.
type RefusedError struct{ What, Fix string }

// Error says why.
func (e *RefusedError) Error() string { return e.What }

// Hint returns how to fix the error, in one line.
func (e *RefusedError) Hint() string { return e.Fix }

func refusef(fix, format string, args ...any) error {
	return &RefusedError{What: fmt.Sprintf(format, args...), Fix: fix}
}

// resolveGit finds the commit that a git source means: what its ref is now, or the commit
// that its places carry, if the ref had it.
func (p *planner) resolveGit(ctx context.Context, t *sourceTarget) error {
	s := t.source
	if s.Form == manifest.Commit && (t.old == nil || !t.update) {
		return p.resolveCommit(ctx, t)
	}
	refs, err := p.Sources.Git.Refs(ctx, s.Fetch)
	if err != nil {
		return err
	}
	ref, err := chooseRef(refs, s, t.old)
	if err != nil {
		return err
	}
	e := lockfile.Entry{Kind: lockfile.Git, Name: s.URL, Ref: ref.Name, Tag: ref.Tag,
		Commit: ref.Commit}
	if s.Form == manifest.TagRange {
		e.Range = s.Follows
	}
	if s.Form == manifest.Head {
		e.Ref = "HEAD"
	}
	if len(t.pins) == 1 && !t.update && t.pins[0] != e.Commit {
		if err := p.keepCommit(ctx, t, &e, refs, t.pins[0]); err != nil {
			return err
		}
	}
	t.entry = &e
	if err := p.checkBranch(ctx, t); err != nil {
		return err
	}
	if t.old != nil && t.old.Commit != e.Commit {
		if n, ok, err := p.Sources.Git.Count(ctx, s.Fetch, t.old.Commit, e.Commit); ok && err == nil {
			t.commits = n
		}
	}
	return nil
}

// resolveCommit locks a commit that stands alone, if some ref of the repository has it.
func (p *planner) resolveCommit(ctx context.Context, t *sourceTarget) error {
	commit := t.source.Pin
	if !lockfile.ValidCommit(commit) {
		return refusef("write all 40 digits, or a branch or tag",
			"%q is not a full commit id", commit)
	}
	_, has, err := p.Sources.Git.Containing(ctx, t.source.Fetch, commit)
	switch {
	case err != nil:
		return err
	case !has:
		return notOurs(t.source, commit)
	}
	t.entry = &lockfile.Entry{Kind: lockfile.Git, Name: t.source.URL, Ref: commit, Commit: commit}
	return nil
}

// notOurs is the error on a commit that no ref of the repository has.
func notOurs(s *manifest.Source, commit string) error {
	return refusef("pin a commit that a branch or a tag of the repository has",
		"commit %s is on no branch or tag of %s; it may be a fork's", commit, s.URL)
}

// keepCommit makes e that of the commit which the places carry, if the ref that they follow
// had it. A tag has one commit only.
func (p *planner) keepCommit(
	ctx context.Context, t *sourceTarget, e *lockfile.Entry, refs *gitref.Refs, commit string,
) error {
	s := t.source
	if !lockfile.ValidCommit(commit) {
		return refusef("write all 40 digits, or only the name", "%q is not a full commit id", commit)
	}
	if s.Form == manifest.TagRange {
		for _, tag := range refs.Tags() {
			if tag.Commit == commit && inRange(s.Follows, lockfile.ShortRef(tag.Name)) {
				e.Ref, e.Tag, e.Commit = tag.Name, tag.Tag, commit
				return nil
			}
		}
		return refusef("to pin the newest: plumb lock update "+t.name,
			"commit %s is that of no tag in the range %s", commit, s.Follows)
	}
	if strings.HasPrefix(e.Ref, "refs/tags/") {
		return &staleError{name: t.name, pin: commit, now: e.Commit}
	}
	branch := e.Ref
	if head, ok := refs.Head(); ok && branch == "HEAD" {
		branch = head.Name
	}
	has, err := p.Sources.Git.Has(ctx, s.Fetch, branch, commit)
	if err != nil {
		return err
	}
	if !has {
		// A branch that was edited beside its commit, or a commit of nowhere.
		_, elsewhere, err := p.Sources.Git.Containing(ctx, s.Fetch, commit)
		switch {
		case err != nil:
			return err
		case elsewhere:
			return &staleError{name: t.name, pin: commit, now: e.Commit}
		}
		return notOurs(s, commit)
	}
	e.Commit = commit
	return nil
}

// staleError says that the places carry the content of another name than theirs.
type staleError struct{ name, pin, now string }

func (e *staleError) Error() string {
	return fmt.Sprintf("carries %s, but %s is %s now", e.pin, e.name, e.now)
}

// checkBranch leaves the places alone whose consumer would not find the commit, because it is
// on no branch.
func (p *planner) checkBranch(ctx context.Context, t *sourceTarget) error {
	for _, r := range t.places {
		if !r.source.OnBranch || r.source.Pin == t.entry.Commit || !r.Editable {
			continue
		}
		on, err := p.Sources.Git.OnBranch(ctx, t.source.Fetch, t.entry.Commit)
		if err != nil {
			return err
		}
		if !on {
			t.fixed = "is left as it is: its commit " + t.entry.Commit[:12] +
				" is on no branch, and Flux looks for commits on branches only; plumb.lock holds it"
		}
		return nil
	}
	return nil
}

// chooseRef is the ref that a source follows. old is the lock's entry, or nil.
func chooseRef(
	refs *gitref.Refs, s *manifest.Source, old *lockfile.Entry,
) (gitref.Ref, error) {
	full := ""
	switch s.Form {
	case manifest.Head:
		if ref, ok := refs.Head(); ok {
			return ref, nil
		}
		return gitref.Ref{}, refusef("name a branch", "%s has no default branch", s.URL)
	case manifest.TagRange:
		return newestTag(refs, s)
	case manifest.BranchOrTag:
		return eitherRef(refs, s)
	case manifest.Commit:
		full = old.Ref // what the lock follows with this commit
		if full == "HEAD" {
			return chooseRef(refs, &manifest.Source{URL: s.URL, Form: manifest.Head}, nil)
		}
		if lockfile.ValidCommit(full) {
			return gitref.Ref{Name: full, Commit: full}, nil
		}
	default:
		full = s.LockFollows()[0]
	}
	if ref, ok := refs.Find(full); ok {
		return ref, nil
	}
	return gitref.Ref{}, missing(s, full)
}

// missing is the error on a ref that a repository does not have.
func missing(s *manifest.Source, ref string) error {
	return refusef("to see what there is: git ls-remote "+s.URL, "%s has no %s", s.URL, ref)
}

// eitherRef is the branch or tag of a name, which must not be both: consumers differ in which
// they take.
func eitherRef(refs *gitref.Refs, s *manifest.Source) (gitref.Ref, error) {
	switch named := refs.Named(s.Follows); len(named) {
	case 0:
		return gitref.Ref{}, missing(s, "branch or tag "+s.Follows)
	case 1:
		return named[0], nil
	default:
		var have []string
		for _, ref := range named {
			have = append(have, ref.Name+" "+ref.Commit)
		}
		return gitref.Ref{}, refusef("name the one that is meant, as refs/tags/"+s.Follows,
			"%s is both a branch and a tag of %s: %s", s.Follows, s.URL, strings.Join(have, ", "))
	}
}

// newestTag is the newest version in a range among the tags.
func newestTag(refs *gitref.Refs, s *manifest.Source) (gitref.Ref, error) {
	constraint, err := semver.NewConstraint(s.Follows)
	if err != nil {
		return gitref.Ref{}, refusef("correct the range", "%q is not a range of versions", s.Follows)
	}
	var best *semver.Version
	var found gitref.Ref
	for _, ref := range refs.Tags() {
		v, err := semver.NewVersion(lockfile.ShortRef(ref.Name))
		if err != nil || !constraint.Check(v) || best != nil && !v.GreaterThan(best) {
			continue
		}
		best, found = v, ref
	}
	if best == nil {
		return found, missing(s, "tag in the range "+s.Follows)
	}
	return found, nil
}

// inRange reports whether a version is in a range.
func inRange(text, version string) bool {
	constraint, err := semver.NewConstraint(text)
	if err != nil {
		return false
	}
	v, err := semver.NewVersion(version)
	return err == nil && constraint.Check(v)
}
