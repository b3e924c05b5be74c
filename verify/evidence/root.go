package evidence

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/policy"
)

// ForRoot returns the Judge of a lock root's images by the evidence in its tree: by
// external policies or, where these are nil, by its own. With external policies, its
// plumb.yaml cannot accept images that no policy matches. The error is a
// *lockroot.InvalidError where a policy has errors.
func ForRoot(ctx context.Context, r *lockroot.Root, external *policy.Set) (*Judge, error) {
	judge := &Judge{Policies: external, ExternalPolicies: external != nil,
		Read:    func(path string) ([]byte, error) { return r.Tree.Read(ctx, path) },
		Objects: newObjects(ctx, r).of}
	if external != nil {
		return judge, nil
	}
	files, err := r.PolicyFiles(ctx)
	if err != nil {
		return nil, err
	}
	docs := make([]policy.Document, len(files))
	for i, f := range files {
		docs[i] = policy.Document{File: r.Display(f.File), Data: f.Data}
	}
	read := func(name string) ([]byte, error) { return r.Tree.Read(ctx, r.Undisplay(name)) }
	if judge.Policies, err = policy.Parse(docs, policy.Options{ReadFile: read}); err != nil {
		return nil, &lockroot.InvalidError{Err: err}
	}
	if r.Config.Policies != nil && judge.Policies.Len() == 0 {
		return nil, &lockroot.InvalidError{Err: &lockroot.NoPolicyError{
			File: r.Display(tree.ConfigFile),
			Why:  "policies: none of the files that it names holds a ClusterImagePolicy"}}
	}
	judge.AcceptUnmatched = r.Config.AcceptsUnmatched(judge.Policies.Len())
	return judge, nil
}

// InputOf returns what there is to verify of a lock root at a time, without the
// judgements on its images.
func InputOf(r *lockroot.Root, now time.Time) verify.Input {
	return verify.Input{
		Files:    r.Files,
		LockFile: lockroot.LockFile, ConfigFile: tree.ConfigFile, LockText: r.LockText,
		Lock: r.Lock, LockError: r.LockErr,
		Platforms: r.Config.Platforms, Partial: r.Stream != nil,
		Exceptions: verify.Exceptions(r.Config.Exceptions, now),
		Images:     verify.NamedImages(r.Config),
		Empty:      r.Empty,
		Idle:       r.Idle,
		Require:    r.Config.Require,
		Self:       r.Config.Self,
		HasPath:    r.HasPath,
	}
}

// Input returns what there is to verify of a lock root at a time, with the judgements on
// its images. With external policies neither the exceptions nor require of plumb.yaml
// count, as the author of the tree can write them. step is as in Judgements.
func (j *Judge) Input(r *lockroot.Root, now time.Time, step func(done, total int)) verify.Input {
	in := InputOf(r, now)
	in.Judge = j.Judgements(r.Lock, step)
	if j.ExternalPolicies {
		in.Exceptions, in.Require, in.ExternalPolicies = nil, nil, true
	}
	return in
}

// Judgements judges the images of a lock on all processors, by JudgeCached, and
// returns a function that looks the judgements up; where they depend on the object that a
// reference is in, it judges that. step, which may be nil, is called
// after each, by many goroutines at once.
func (j *Judge) Judgements(
	l *lockfile.Lock, step func(done, total int),
) func(lockfile.Entry, *manifest.Reference) verify.Judgement {
	if l == nil {
		return nil
	}
	var judged atomic.Int64
	verdicts := make([]verify.Judgement, len(l.Entries))
	var group errgroup.Group
	group.SetLimit(tree.Workers())
	for i, e := range l.Entries {
		if e.Kind != lockfile.Image {
			continue
		}
		group.Go(func() error {
			verdicts[i] = j.JudgeCached(e).Judgement()
			if step != nil {
				step(int(judged.Add(1)), len(l.Entries))
			}
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
	byName := make(map[string]verify.Judgement, len(verdicts))
	for i, e := range l.Entries {
		if e.Kind == lockfile.Image {
			byName[e.Name] = verdicts[i]
		}
	}
	return (&places{judge: j, entries: byName, known: map[string]verify.Judgement{}}).at
}

// Undecided returns the remark that no policy says who must have signed the images of a
// lock root: one for all images, as it is the same for each.
func (j *Judge) Undecided(r *lockroot.Root) (verify.Finding, bool) {
	if j.ExternalPolicies || j.Policies.Len() > 0 || r.Config.Unsigned != "" ||
		!r.Whole() || !hasImage(r.Lock) {
		return verify.Finding{}, false
	}
	return verify.Finding{Rule: verify.Unsigned, Severity: verify.Remark,
		File: lockroot.LockFile, Line: 1, Column: 1,
		Message: "no policy says who must have signed the images, so that all are accepted",
		Fix:     "write policies, or unsigned: allow in plumb.yaml if images need no signature"}, true
}

func hasImage(l *lockfile.Lock) bool {
	if l == nil {
		return false
	}
	for _, e := range l.Entries {
		if e.Kind == lockfile.Image {
			return true
		}
	}
	return false
}

// Idle returns a remark for each policy of a lock root that matches no image in its
// lock: its globs may be wrong. The findings name files relative to the lock root.
func (j *Judge) Idle(r *lockroot.Root) []verify.Finding {
	if j.ExternalPolicies || r.Lock == nil || !r.Whole() {
		return nil
	}
	matched := map[string]bool{}
	for _, e := range r.Lock.Entries {
		if image, err := Image(e); err == nil && e.Kind == lockfile.Image {
			for _, name := range j.Policies.Matches(image) {
				matched[name] = true
			}
		}
	}
	var out []verify.Finding
	for _, p := range j.Policies.Policies() {
		if matched[p.Name] {
			continue
		}
		out = append(out, verify.Finding{Rule: verify.Unsigned, Severity: verify.Remark,
			File: r.Undisplay(p.File), Line: p.Line, Column: p.Column,
			Kind: "ClusterImagePolicy", Name: p.Name,
			Message: "policy " + p.Name + " matches no image in plumb.lock",
			Fix:     "check its globs, or remove it"})
	}
	return out
}
