package resolver

import (
	"context"
	"errors"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/version"
)

// Outdated is a name with a tag that means something else than its pin, or with a newer
// tag in its range.
type Outdated struct {
	Kind     lockfile.Kind
	Name     string
	Old, New string // digests of the pin and of what the tag means now, equal if only Tag is newer
	Tag      string // the newest in the range, "" if there is no newer one
	Range    string // as written in plumb.yaml, "" if there is none
}

// Still is a name that does not move by itself, which nothing is wrong with.
type Still struct {
	Kind   lockfile.Kind
	Name   string
	Reason string // why its range does not move it; "" if it has none and its tag is of one build
}

// OutdatedOptions say what FindOutdated queries. The zero OutdatedOptions query every
// name that follows a tag, and no range.
type OutdatedOptions struct {
	Match  func(Tracked) bool // nil: every name is queried
	Images []Image            // for their ranges
	// Fixed reports whether plumb must not move a name's tag. Nil: none is fixed.
	Fixed func(kind lockfile.Kind, name string) bool
	// Sources resolve git sources and charts, in FindOutdatedIn.
	Sources *Sources
	// Progress is as in Options.
	Progress Progress
}

// question is a name that FindOutdated queries, and what came of it.
type question struct {
	entry lockfile.Entry
	name  oci.Name
	rang  version.Range // zero if there is none

	found Outdated
	stays string // why its range does not move it
	err   error
}

func (o OutdatedOptions) questions(l *lockfile.Lock) []*question {
	ranges := newRanges(o.Images)
	var out []*question
	for _, e := range l.Entries {
		n, err := oci.Parse(e.Name)
		if err != nil || n.Tag == "" || e.Kind != lockfile.Image && e.Kind != lockfile.Artifact {
			continue
		}
		if o.Match != nil && !o.Match(Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		q := &question{entry: e, name: n}
		rang, ok := ranges.of(e.Name)
		switch _, isVersion := version.Parse(n.Tag); {
		case !ok || o.Fixed != nil && o.Fixed(e.Kind, e.Name):
		case isVersion:
			q.rang = rang
		default:
			q.stays = (&version.NotComparableError{Tag: n.Tag, Range: rang.String()}).Error()
		}
		out = append(out, q)
	}
	return out
}

// OutdatedNames is what FindOutdated finds. Its lists are in the order of the lock.
type OutdatedNames struct {
	Outdated []Outdated
	Still    []Still
	Failures []Failure
}

// FindOutdated queries, for each entry of l that follows a tag, what the tag means now
// and whether its range has a newer one. It changes nothing. What was not queried when ctx's deadline came is among the failures, with
// its cause. The error is that of a ctx that was cancelled.
func FindOutdated(
	ctx context.Context, l *lockfile.Lock, reg Registry, o OutdatedOptions,
) (OutdatedNames, error) {
	questions := o.questions(l)
	var repos []oci.Name
	for _, q := range questions {
		if !q.rang.IsZero() {
			repos = append(repos, oci.Name{Host: q.name.Host, Repository: q.name.Repository})
		}
	}
	lists := listTags(ctx, reg, repos, o.Progress)
	host := func(q *question) string { return q.name.Host }
	queryAll(questions, host, o.Progress, func(q *question) {
		q.found, q.err = q.answer(ctx, reg, lists[q.name.Repo()])
		if q.err != nil && ctx.Err() != nil {
			q.err = context.Cause(ctx)
		}
	})
	if err := cancelled(ctx); err != nil {
		return OutdatedNames{}, err
	}
	var out OutdatedNames
	for _, q := range questions {
		kind, name := q.entry.Kind, q.entry.Name
		moved := q.found.New != q.found.Old || q.found.Tag != ""
		switch {
		case q.err != nil:
			out.Failures = append(out.Failures, Failure{Kind: kind, Name: name, Err: q.err})
			continue
		case moved:
			out.Outdated = append(out.Outdated, q.found)
		}
		if q.stays != "" || !moved && q.rang.IsZero() && version.OneBuild(q.name.Tag) {
			out.Still = append(out.Still, Still{kind, name, q.stays})
		}
	}
	return out, nil
}

// answer finds out what has become of a name. list has the tags of its
// repository, if it has a range.
func (q *question) answer(ctx context.Context, reg Registry, list tagList) (Outdated, error) {
	if ctx.Err() != nil {
		return Outdated{}, context.Cause(ctx)
	}
	e := q.entry
	out := Outdated{Kind: e.Kind, Name: e.Name, Old: e.Digest, Range: q.rang.String()}
	if !q.rang.IsZero() {
		if list.err != nil {
			return out, list.err
		}
		tag, err := q.rang.Newest(q.name.Tag, list.tags)
		if err == nil && tag != q.name.Tag {
			out.Tag = tag
		}
		if err == nil {
			err = q.rang.Stays(q.name.Tag, list.tags)
		}
		if err != nil {
			q.stays = err.Error()
		}
	}
	var err error
	out.New, err = meaning(ctx, reg, q.name, e)
	return out, err
}

// tagList is what a repository's tags are, or why they are not known.
type tagList struct {
	tags []string
	err  error
}

// listTags lists the tags of repositories, each once.
func listTags(
	ctx context.Context, reg Registry, repos []oci.Name, progress Progress,
) map[string]tagList {
	lists := map[string]tagList{}
	var once []oci.Name
	for _, n := range repos {
		if _, twice := lists[n.Repo()]; !twice {
			lists[n.Repo()] = tagList{}
			once = append(once, n)
		}
	}
	var mu sync.Mutex
	host := func(n oci.Name) string { return n.Host }
	queryAll(once, host, progress.uncounted(), func(n oci.Name) {
		var l tagList
		if l.err = context.Cause(ctx); l.err == nil {
			l.tags, l.err = reg.Tags(ctx, n)
		}
		if l.err != nil && ctx.Err() != nil {
			l.err = context.Cause(ctx)
		}
		mu.Lock()
		defer mu.Unlock()
		lists[n.Repo()] = l
	})
	return lists
}

// cancelled is the cause of a ctx that was cancelled, rather than one that has
// come to its deadline.
func cancelled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx)
	}
	return nil
}

// meaning is the digest that a name has now. The registry's claim is enough if nothing
// has moved; otherwise the digest is that of the content.
func meaning(ctx context.Context, reg Registry, name oci.Name, e lockfile.Entry) (string, error) {
	if claim, err := reg.Head(ctx, name); err == nil && claim == e.Digest {
		return claim, nil
	}
	c, err := reg.Resolve(ctx, name, e.Kind, nil)
	return c.Digest, err
}
