package planreport

import (
	"context"
	"errors"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/verify/report"
)

// Since lists what changed in the locks of roots since the commit base.
func Since(
	ctx context.Context, io *cli.IO, base string, roots []*lockroot.Root,
) ([]report.Change, error) {
	snapshot, err := lockroot.OpenCommit(ctx, io.Dir, base)
	if err != nil {
		return nil, err
	}
	out := []report.Change{}
	for _, r := range roots {
		old, err := snapshot.Lock(ctx, r.Dir, io.Dir)
		var invalid *lockroot.InvalidError
		if errors.As(err, &invalid) {
			return nil, cli.UsageError("--base: %w", err)
		}
		if err != nil {
			return nil, err
		}
		if r.LockErr != nil {
			continue // which is a finding, and has no changes to tell of
		}
		places := NewIndex(io, r)
		for _, m := range lockfile.Moves(old, r.Lock) {
			out = append(out, report.NewChange(m, places.Of(m.Kind, m.Name)))
		}
	}
	return out, nil
}

// maxUnlocked is how many findings a terminal shows of a tree in which nothing is locked
// yet: all have one cause.
const maxUnlocked = 10

// PrintFindings prints the findings of verify for people. unlocked is the error that no
// lock root has a lock, or nil; all shows every finding even then.
func PrintFindings(io *cli.IO, r *report.Report, unlocked error, all bool) {
	style := report.Style{Bold: io.Bold, Sanitize: cli.SanitizeTerminal, Spoken: io.Spoken,
		Unlocked: unlocked != nil && r.Summary.FixedByLock()}
	switch {
	case io.Quiet:
		style.Fixes = report.NoFixes
	case io.Verbose:
		style.Fixes = report.AllFixes
	}
	if style.Unlocked && io.Terminal && !all {
		style.Limit = maxUnlocked
	}
	if left := report.Text(io.Stdout, r.Findings, style); left > 0 {
		io.Errorf("and %s; to show every one: plumb verify --all\n",
			cli.Count(left, "more finding", "more findings"))
	}
	if style.Unlocked {
		io.Hintf("%v\n", unlocked)
	}
}
