package resolver

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Outdated is a name whose tag means something else than its pin.
type Outdated struct {
	Kind     lockfile.Kind
	Name     string
	Old, New string // digests
}

// FindOutdated asks, for each entry that match accepts and that follows a tag,
// what it means now. It changes nothing. Both lists are sorted by name; an error
// is ctx's.
func FindOutdated(ctx context.Context, l *lockfile.Lock, reg Registry, match func(Tracked) bool, progress func(done, total int)) ([]Outdated, []Failure, error) {
	type question struct {
		entry lockfile.Entry
		name  oci.Name
	}
	var questions []question
	for _, e := range l.Entries {
		n, err := oci.Parse(e.Name)
		if err != nil || n.Tag == "" || e.Kind != lockfile.Image && e.Kind != lockfile.Artifact || !match(Tracked{Kind: e.Kind, Name: e.Name}) {
			continue
		}
		questions = append(questions, question{e, n})
	}
	var (
		mu       sync.Mutex
		outdated []Outdated
		failures []Failure
		done     int
	)
	askAll(questions, func(q question) string { return q.name.Host }, func(q question) {
		if ctx.Err() != nil {
			return
		}
		digest, err := meaning(ctx, reg, q.name, q.entry)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			failures = append(failures, Failure{Kind: q.entry.Kind, Name: q.entry.Name, Err: err})
		case digest != q.entry.Digest:
			outdated = append(outdated, Outdated{q.entry.Kind, q.entry.Name, q.entry.Digest, digest})
		}
		if done++; progress != nil {
			progress(done, len(questions))
		}
	})
	slices.SortFunc(outdated, func(a, b Outdated) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	slices.SortFunc(failures, func(a, b Failure) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return outdated, failures, context.Cause(ctx)
}

// meaning is the digest that a name has now. A header that says that nothing
// has moved is believed; one that says otherwise is checked.
func meaning(ctx context.Context, reg Registry, name oci.Name, e lockfile.Entry) (string, error) {
	if claim, err := reg.Head(ctx, name); err == nil && claim == e.Digest {
		return claim, nil
	}
	c, err := reg.Resolve(ctx, name, e.Kind, nil)
	return c.Digest, err
}
