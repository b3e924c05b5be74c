package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// carryOut writes what was planned, unless something stands against it, and
// reports.
func (s *session) carryOut(ctx context.Context, jobs []*job, m lockMode) error {
	r := newLockReport(s, m, jobs)
	if r.blocked {
		return r.print()
	}
	var err error
	if r.base, err = s.RepositoryTop(ctx); err != nil {
		return cli.CannotTell(err)
	}
	for _, j := range jobs {
		if j.writes, err = j.planned(ctx); err != nil {
			return cli.CannotTell(err)
		}
		r.wrote(j)
	}
	if !m.dry() {
		if err := s.write(ctx, jobs); err != nil {
			return cli.CannotTell(err)
		}
	}
	return r.print()
}

// planned are the files of j that change. The lock comes last: until it is
// there, the next run sees what is left to do.
func (j *job) planned(ctx context.Context) ([]tree.Write, error) {
	var out []tree.Write
	for _, name := range sortedKeys(j.plan.Edits) {
		src, err := j.work.Read(ctx, name)
		if err != nil {
			return nil, err
		}
		text, err := j.plan.Rewrite(name, src)
		if err != nil {
			return nil, err
		}
		out = append(out, tree.Write{Path: name, Old: src, New: text})
	}
	proofs, err := j.evidenceWrites(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, proofs...)
	if text := j.plan.LockText(j.lock); string(text) != string(j.lock) || (text == nil) != (j.lock == nil) {
		out = append(out, tree.Write{Path: lockName, Old: j.lock, New: text})
	}
	return out, nil
}

// write writes the files of all lock roots. Whatever stands in the way of any
// of them is found before the first is touched, and told at once.
func (s *session) write(ctx context.Context, jobs []*job) error {
	var refused []error
	for _, j := range jobs {
		if len(j.writes) > 0 {
			refused = append(refused, s.refusals(j, j.work.Check(j.writes))...)
		}
	}
	if len(refused) > 0 {
		return errors.Join(append(refused, errors.New("no file was changed"))...)
	}
	for _, j := range jobs {
		if len(j.writes) == 0 {
			continue
		}
		if err := j.work.WriteAll(ctx, j.writes); err != nil {
			return errors.Join(s.refusals(j, err)...)
		}
	}
	return nil
}

// refusals names the files that cannot be written as everything else names them.
func (s *session) refusals(j *job, err error) []error {
	var refused *tree.RefusedError
	if !errors.As(err, &refused) {
		if err != nil {
			return []error{err}
		}
		return nil
	}
	var out []error
	for _, f := range refused.Files {
		out = append(out, fmt.Errorf("writing %s: %w", s.Display(j.dir, f.Path), f.Err))
	}
	return out
}
