package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
)

func lockCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "lock",
		Category:  cli.CategoryEveryday,
		Usage:     "pin references and update plumb.lock",
		ArgsUsage: "[PATH…]",
		Description: `Pins every reference that is not pinned yet, keeps all existing pins, and
removes from plumb.lock what no manifest refers to any more. Either all files
are written or none.`,
		UsageText: `# Pin everything in the repository
plumb lock

# Pin what is in one directory
plumb lock apps/web

# Exit 1 if a file would change, and write nothing
plumb lock --check

# Print the changes as a patch
plumb lock --diff | git apply --check

# Pin what can be pinned; exit 3 if a name cannot be resolved
plumb lock --keep-going`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a file would change"},
			&ucli.BoolFlag{Name: "diff", Usage: "write nothing; print the changes as a patch; exit 1 if there are any"},
			keepGoingFlag(),
			cli.TimeoutFlag(),
			cli.OutputFlag(cli.Text, cli.JSON, cli.Markdown),
		},
		Subcommands: []*ucli.Command{updateCommand(s)},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			requests, err := s.requests(c.Context, c.Args().Slice())
			if err != nil {
				return err
			}
			return s.lock(c, requests, newLockMode(c, "lock"))
		},
	}
}

func keepGoingFlag() ucli.Flag {
	return &ucli.BoolFlag{Name: "keep-going", Usage: "pin what can be pinned; exit 3 if a name cannot be resolved"}
}

// lockMode says how lock or lock update is to be run.
type lockMode struct {
	name                   string // of the command, in its JSON schema
	check, diff, keepGoing bool
	update                 *selection // nil: no pin moves
}

// newLockMode reads the flags that lock and lock update share.
func newLockMode(c *ucli.Context, name string) lockMode {
	return lockMode{name: name, check: cli.IsSet(c, "check"), diff: cli.IsSet(c, "diff"), keepGoing: cli.IsSet(c, "keep-going")}
}

func (m lockMode) dry() bool { return m.check || m.diff }

// job is one lock root that is being locked.
type job struct {
	*root
	work   *tree.WorkTree
	plan   *resolver.Plan
	writes []tree.Write
	prover *prover
	notes  []string // names in dispute in a merge
	now    time.Time
}

// spares reports whether an exception covers a reference in a file.
func (j *job) spares(file string, names ...string) bool {
	return len(j.config.Excepted(j.now, file, names...)) > 0
}

// lock plans all lock roots, and writes them if all of them can be.
func (s *session) lock(c *ucli.Context, requests []request, m lockMode) error {
	ctx, stop, err := cli.Limit(c)
	if err != nil {
		return err
	}
	defer stop()
	w := &writers{s: s, dry: m.dry(), trees: map[string]*tree.WorkTree{}}
	defer w.unlock()
	// One order for everyone, so that no two runs wait for one another.
	slices.SortFunc(requests, func(a, b request) int { return strings.Compare(lockOrder(a.dir), lockOrder(b.dir)) })
	roots, err := s.load(ctx, requests, w.open, false)
	if err != nil {
		return cli.TimedOut(ctx, err)
	}
	if m.update != nil {
		if err := m.update.check(roots); err != nil {
			return err
		}
	}
	var jobs []*job
	for _, r := range roots {
		j := &job{root: r, work: w.trees[r.dir], now: time.Now()}
		if err := s.plan(ctx, j, m); err != nil {
			return cli.TimedOut(ctx, err)
		}
		jobs = append(jobs, j)
	}
	// What was planned in time is written whole, however long that takes.
	return s.carryOut(c.Context, jobs, m)
}

// lockOrder sorts lock roots as load comes to them: each before those inside of
// it, and these before its neighbours.
func lockOrder(dir string) string { return strings.ReplaceAll(dir, string(filepath.Separator), "\x00") }

// writers opens lock roots that are to be written, and keeps other writers out
// of them until unlock.
type writers struct {
	s     *session
	dry   bool // nothing is going to be written
	trees map[string]*tree.WorkTree
	held  []func()
}

// open is an opener. Before it returns, no other process writes to the root any
// more, so that what is read of it stays true.
func (w *writers) open(ctx context.Context, dir string) (tree.Tree, error) {
	if t := w.trees[dir]; t != nil {
		return t, nil
	}
	t, err := tree.OpenWorkTree(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !w.dry {
		unlock, err := t.Lock(ctx, func(msg string) { w.s.Errorf("plumb: %s\n", msg) })
		if err != nil {
			return nil, err
		}
		w.held = append(w.held, unlock)
	}
	w.trees[dir] = t
	return t, nil
}

func (w *writers) unlock() {
	for _, u := range w.held {
		u()
	}
}

// plan works out what one lock root needs.
func (s *session) plan(ctx context.Context, j *job, m lockMode) error {
	old, known, err := s.oldLock(ctx, j)
	if err != nil {
		return err
	}
	client, err := s.client(j.dir, j.config)
	if err != nil {
		return cli.AsUsage(err)
	}
	images, err := j.named()
	if err != nil {
		return cli.AsUsage(err)
	}
	o := resolver.Options{
		Platforms: j.config.Platforms,
		Images:    images,
		Known:     known,
		Excepted:  j.spares,
		Within:    j.covers,
	}
	if j.config.Pin == config.PinDigest {
		o.Style = manifest.DigestOnly
	}
	if m.update != nil {
		o.Update = m.update.match
	}
	if j.prover, err = s.prover(ctx, j.root, nil); err != nil {
		return err
	}
	o.Prove = j.prover.prove
	p := s.Progress("resolving")
	o.Progress = p.Step
	j.plan, err = resolver.Make(ctx, j.files, old, client, o)
	p.Done()
	if err != nil {
		return cli.CannotTell(err)
	}
	return nil
}

// canonical is a tracked name in canonical form, or s itself if it is none.
func canonical(s string) string {
	n, err := oci.Parse(s)
	if err != nil {
		return s
	}
	return n.Tracked()
}
