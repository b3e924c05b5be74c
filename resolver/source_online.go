package resolver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/fetch"
)

// SourceUse is an entry of a lock with a source that rests on it.
type SourceUse struct {
	Entry  lockfile.Entry
	Source *manifest.Source
}

// errGone says that what is locked can no longer be fetched.
type errGone struct{ what string }

func (e *errGone) Error() string { return e.what }

// errWrong says that a name means other content than the lock has.
type errWrong struct{ what string }

func (e *errWrong) Error() string { return e.what }

// CheckSources queries whether what the entries are pinned to can still be fetched under
// their names, and is what the lock says. The error is that of a ctx that was cancelled.
func CheckSources(
	ctx context.Context, uses []SourceUse, sources *Sources, progress Progress,
) (Pins, error) {
	errs := make([]error, len(uses))
	all := make([]int, len(uses))
	for i := range uses {
		all[i] = i
	}
	host := func(i int) string { return hostOf(uses[i].Source.URL) }
	queryAll(all, host, progress, func(i int) {
		if errs[i] = context.Cause(ctx); errs[i] == nil {
			errs[i] = uses[i].check(ctx, sources)
		}
		if errs[i] != nil && ctx.Err() != nil {
			errs[i] = context.Cause(ctx)
		}
	})
	var out Pins
	if err := cancelled(ctx); err != nil {
		return out, err
	}
	for i, u := range uses {
		f := Failure{Kind: u.Entry.Kind, Name: u.Entry.Tracked(), Err: errs[i]}
		var gone *errGone
		var wrong *errWrong
		switch {
		case f.Err == nil:
		case errors.As(f.Err, &gone):
			out.Gone = append(out.Gone, f)
		case errors.As(f.Err, &wrong):
			out.Wrong = append(out.Wrong, f)
		default:
			out.Failures = append(out.Failures, f)
		}
	}
	return out, nil
}

// check queries what one entry is now.
func (u SourceUse) check(ctx context.Context, sources *Sources) error {
	switch u.Entry.Kind {
	case lockfile.Git:
		return u.checkGit(ctx, sources)
	case lockfile.Chart:
		return u.checkChart(ctx, sources)
	}
	return u.checkURL(ctx, sources)
}

// checkGit queries whether a tag still means its commit, and whether some ref has it.
func (u SourceUse) checkGit(ctx context.Context, sources *Sources) error {
	e := u.Entry
	refs, err := sources.Git.Refs(ctx, u.Source.Fetch)
	if err != nil {
		return err
	}
	if strings.HasPrefix(e.Ref, "refs/tags/") {
		switch ref, ok := refs.Find(e.Ref); {
		case !ok:
			return &errGone{fmt.Sprintf("%s has no %s any more", e.Name, e.Ref)}
		case ref.Commit != e.Commit:
			return &errWrong{fmt.Sprintf("%s is %s now, and plumb.lock has %s", e.Ref, ref.Commit,
				e.Commit)}
		case ref.Tag != e.Tag:
			return &errWrong{fmt.Sprintf("%s was made anew for the same commit: its tag object is %s, "+
				"and plumb.lock has %s", e.Ref, orNone(ref.Tag), orNone(e.Tag))}
		}
		return nil
	}
	_, has, err := sources.Git.Containing(ctx, u.Source.Fetch, e.Commit)
	if err != nil || has {
		return err
	}
	if _, err := sources.Git.Object(ctx, u.Source.Fetch, e.Commit); err != nil {
		return &errGone{fmt.Sprintf("commit %s is on no branch or tag of %s any more", e.Commit,
			e.Name)}
	}
	return &errWrong{fmt.Sprintf("commit %s is on no branch or tag of %s, which serves it all the "+
		"same: it may be a fork's", e.Commit, e.Name)}
}

// orNone is an id, or "none".
func orNone(id string) string {
	if id == "" {
		return "none"
	}
	return id
}

// checkChart queries whether a version still is its archive.
func (u SourceUse) checkChart(ctx context.Context, sources *Sources) error {
	name := chart.Name{Repo: u.Source.Fetch, Chart: u.Source.Chart}
	return contentError(sources.Charts.Check(ctx, name, u.Entry.Version, u.Entry.Digest))
}

// checkURL queries whether a URL still has its bytes.
func (u SourceUse) checkURL(ctx context.Context, sources *Sources) error {
	url := u.Source.Fetch
	if u.Source.Repository != "" && u.Source.Pin != "" {
		url = u.Source.At(manifest.SourcePin{Commit: u.Source.Pin})
	}
	digest, err := sources.Files.Digest(ctx, url)
	if err == nil && digest != u.Entry.Digest {
		return &errWrong{fmt.Sprintf("its content is %s now, and plumb.lock has %s", digest,
			u.Entry.Digest)}
	}
	return contentError(err)
}

// contentError tells what is gone, or is something else, from what could not be asked.
func contentError(err error) error {
	var replaced *chart.ContentError
	var noChart *chart.NotFoundError
	var noFile *fetch.NotFoundError
	switch {
	case errors.As(err, &replaced):
		return &errWrong{err.Error()}
	case errors.As(err, &noChart), errors.As(err, &noFile):
		return &errGone{err.Error()}
	}
	return err
}
