package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
)

func verifyCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "verify",
		Category:  cli.CategoryEveryday,
		Usage:     "check offline that every reference is pinned and matches plumb.lock",
		ArgsUsage: "[PATH…|-]",
		Description: `Reads the manifests and plumb.lock, and opens no network connection unless
--online is given. Exit 0 if every reference is pinned and plumb.lock agrees;
exit 1 with findings if not.`,
		UsageText: `# Verify the work tree
plumb verify

# Verify what git commit would record
plumb verify --staged

# Verify a commit
plumb verify --rev origin/main

# Check that every pin can still be pulled
plumb verify --online

# Report what changed in plumb.lock since a commit, as Markdown
plumb verify --base origin/main --output markdown

# Verify rendered manifests
kustomize build prod | plumb verify -`,
		Flags: append([]ucli.Flag{
			&ucli.BoolFlag{Name: "staged", Usage: "verify the git index, not the work tree"},
			&ucli.StringFlag{Name: "rev", Usage: "verify `COMMIT`, not the work tree"},
			&ucli.StringFlag{Name: "base", Usage: "also report what changed in plumb.lock since `COMMIT`"},
			&ucli.BoolFlag{Name: "online", Usage: "also check in the registries that every pin can still be pulled"},
			cli.TimeoutFlag(),
			cli.OutputFlag(cli.Text, cli.JSON, cli.SARIF, cli.GitHub, cli.JUnit, cli.GitLab, cli.Markdown),
			noCacheFlag("read every file and verify all evidence, even if it has not changed"),
		}, outsideFlags()...),
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			online := c.Bool("online")
			if online {
				ctx, stop, err := cli.Limit(c)
				if err != nil {
					return err
				}
				defer stop()
				c.Context = ctx
			} else if c.IsSet("timeout") {
				return cli.UsageError("--timeout: only --online asks anyone, and takes time")
			}
			s.remembers = !c.Bool("no-cache")
			defer func() { s.verdicts.Save() }()
			policies, err := newOutside(c)
			if err != nil {
				return err
			}
			roots, err := s.verifyRoots(c)
			if err != nil {
				return cli.TimedOut(c.Context, err)
			}
			return s.verify(c.Context, roots, verifyOptions{policies, online, c.String("base")})
		},
	}
}

// verifyRoots reads the lock roots that are to be judged.
func (s *session) verifyRoots(c *ucli.Context) ([]*root, error) {
	args := c.Args().Slice()
	rev, staged := c.String("rev"), c.Bool("staged")
	var open func(ctx context.Context, dir string) (*tree.Snapshot, error)
	switch {
	case len(args) == 1 && args[0] == "-":
		if staged || c.IsSet("rev") {
			return nil, cli.UsageError("- reads standard input, and takes neither --staged nor --rev")
		}
		return s.stdinRoot(c.Context)
	case staged && c.IsSet("rev"):
		return nil, cli.UsageError("--staged and --rev exclude one another")
	case staged:
		open = tree.OpenIndex
	case c.IsSet("rev"):
		open = func(ctx context.Context, dir string) (*tree.Snapshot, error) { return tree.OpenCommit(ctx, dir, rev) }
	default:
		requests, err := s.requests(c.Context, args)
		if err != nil {
			return nil, err
		}
		return s.load(c.Context, requests, openWorkTree, !c.Bool("no-cache"))
	}
	n, err := s.openSnapshot(c.Context, open)
	if err != nil {
		return nil, err
	}
	requests, err := n.requests(c.Context, s, args)
	if err != nil {
		return nil, err
	}
	return s.load(c.Context, requests, n.open, false)
}

// maxStdin bounds what is read from standard input, in bytes.
const maxStdin = 1 << 30

// stdinRoot reads rendered manifests, to be judged by the work tree's lock.
func (s *session) stdinRoot(ctx context.Context) ([]*root, error) {
	requests, err := s.requests(ctx, nil)
	if err != nil {
		return nil, err
	}
	t, err := tree.OpenWorkTree(ctx, requests[0].dir)
	if err != nil {
		return nil, cli.CannotTell(err)
	}
	r := &root{dir: requests[0].dir, tree: t}
	if err := r.read(ctx, s); err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(s.Stdin, maxStdin+1))
	if err != nil {
		return nil, cli.CannotTell(err)
	}
	if len(src) > maxStdin {
		return nil, cli.UsageError("standard input holds more than %d bytes", maxStdin)
	}
	if len(bytes.TrimSpace(src)) == 0 {
		// What renders manifests and fails prints nothing.
		return nil, cli.CannotTell(errors.New("standard input is empty: nothing was verified"))
	}
	o := manifest.Options{}
	for _, f := range r.config.Fields {
		o.Fields = append(o.Fields, manifest.Field(f))
	}
	r.stdin = src
	r.files = []manifest.File{manifest.NewScanner(o).Scan(stdinName, src)}
	return []*root{r}, nil
}

// stdinName is what findings call standard input.
const stdinName = "<stdin>"

// check judges one lock root, and counts its references.
func (s *session) check(r *root, judge *judging) ([]verify.Finding, int) {
	in := r.input(time.Now())
	in.Judge = s.judgements(judge, in.Lock)
	if judge.outside != nil {
		in.Exceptions = nil // they are plumb.yaml's, which whoever writes the tree can loosen
		in.Explain = "plumb policy check " + judge.outside.flags
	}
	refs := 0
	for i := range r.files {
		if r.covers(r.files[i].Path) {
			refs += len(r.files[i].References)
		}
	}
	var out []verify.Finding
	for _, f := range verify.Check(in) {
		if f.Rule == verify.LockRule || r.covers(f.File) {
			out = append(out, s.shown(r, f))
		}
	}
	if r.paths == nil && r.stdin == nil {
		for _, f := range judge.idle(in.Lock) {
			f.File = s.Placed(r.dir, r.undisplay(s, f.File))
			out = append(out, f)
		}
	}
	return out, refs
}

// input is what verify judges of r.
func (r *root) input(now time.Time) verify.Input {
	in := verify.Input{
		Files:    r.files,
		LockFile: lockName, ConfigFile: tree.ConfigFile, LockText: r.lock,
		Platforms: r.config.Platforms, Partial: r.stdin != nil, Exceptions: r.excepted(now),
		Images: r.images(),
	}
	if r.lock != nil {
		in.Lock, in.LockError = lockfile.Parse(lockName, r.lock)
	}
	return in
}

// shown is a finding with its file as it is called in the report.
func (s *session) shown(r *root, f verify.Finding) verify.Finding {
	if f.File != stdinName {
		f.Fix = relocate(f.Fix, f.File, s.Display(r.dir, f.File))
		f.File = s.Placed(r.dir, f.File)
	}
	return f
}
