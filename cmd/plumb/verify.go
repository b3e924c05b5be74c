package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/cmd/internal/planreport"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/shell"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/report"
)

func verifyCommand(streams *cli.IO, registries *cli.Registries) *ucli.Command {
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
		Flags: append(verifyFlags(), cli.PolicyFlags()...),
		Action: func(c *ucli.Context) error {
			if err := streams.Begin(c); err != nil {
				return err
			}
			o := &verifyOptions{IO: streams, registries: registries, paths: c.Args().Slice(),
				staged: c.Bool("staged"), rev: c.String("rev"), atRev: c.IsSet("rev"),
				base: c.String("base"), online: c.Bool("online"), cached: !c.Bool("no-cache"),
				all: c.Bool("all")}
			ctx := c.Context
			if o.online {
				limited, stop, err := cli.Limit(c)
				if err != nil {
					return err
				}
				defer stop()
				ctx = limited
			} else if c.IsSet("timeout") {
				return cli.UsageError("--timeout needs --online: nothing else takes time")
			}
			var err error
			if o.self, err = selfFlag(c); err != nil {
				return err
			}
			if o.policies, err = cli.ReadExternalPolicies(c); err != nil {
				return err
			}
			return o.run(ctx)
		},
	}
}

// verifyFlags say what is verified, and how it is reported.
func verifyFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.BoolFlag{Name: "staged", Usage: "verify the git index, not the work tree"},
		&ucli.StringFlag{Name: "rev", Usage: "verify `COMMIT`, not the work tree"},
		&ucli.StringFlag{Name: "base", Usage: "also report what changed in plumb.lock since `COMMIT`"},
		&ucli.BoolFlag{Name: "online",
			Usage: "also check that every pin can still be fetched, and is what plumb.lock says"},
		&ucli.BoolFlag{Name: "all",
			Usage: "show every finding, also where nothing is locked yet"},
		&ucli.StringSliceFlag{Name: "self", Usage: "take `URL` or URL#BRANCH for the tree's own " +
			"repository, instead of what plumb.yaml lists"},
		cli.TimeoutFlag(),
		cli.OutputFlag(cli.Text, cli.JSON, cli.SARIF, cli.GitHub, cli.JUnit, cli.GitLab,
			cli.Markdown),
		noCacheFlag("read every file and verify all evidence, even if it has not changed"),
	}
}

// verifyOptions are what plumb verify is to do.
type verifyOptions struct {
	*cli.IO
	registries *cli.Registries

	paths  []string
	staged bool
	atRev  bool
	rev    string
	base   string // the commit since which changes are told of, or ""
	online bool   // query whether each pin still exists
	cached bool   // take results of earlier runs
	all    bool   // show every finding
	// self are the URLs of the tree's own repository, in place of plumb.yaml's; nil: those.
	self []config.Self

	unlocked error // that no lock root has a lock; else nil

	policies *cli.ExternalPolicies // nil: the tree's own
}

func (o *verifyOptions) run(ctx context.Context) error {
	roots, err := o.load(ctx)
	if err != nil {
		return cli.TimedOut(ctx, cli.Fail(err))
	}
	if err := o.NameForPrograms(ctx); err != nil {
		return err
	}
	r := report.Report{Version: o.Build.Version, Base: o.base, Line: o.Lines(ctx, roots)}
	if o.base != "" {
		if r.Changes, err = planreport.Since(ctx, o.IO, o.base, roots); err != nil {
			return cli.Fail(err)
		}
	}
	var verdicts *evidence.UserCache
	if o.cached {
		verdicts = &evidence.UserCache{Build: fmt.Sprintf("%+v", o.Build)}
		defer verdicts.Save()
	}
	online := planreport.Failures{}
	pins := 0
	for _, root := range roots {
		if err := o.judge(ctx, root, verdicts, &r); err != nil {
			return cli.Fail(err)
		}
		if !o.online {
			continue
		}
		n, err := o.queryPins(ctx, root, &r, &online)
		if err != nil {
			return cli.Fail(err)
		}
		pins += n
	}
	o.unlocked = lockroot.CheckLocked(roots)
	if hits, added := verdicts.Hits(); hits+added > 0 {
		o.Tracef("signatures: %s cached, %d new", cli.Count(hits, "verdict", "verdicts"), added)
	}
	return o.print(&r, &online, pins)
}

// load reads the lock roots that are to be judged.
func (o *verifyOptions) load(ctx context.Context) ([]*lockroot.Root, error) {
	var open func(ctx context.Context, dir string) (*tree.Snapshot, error)
	switch {
	case len(o.paths) == 1 && o.paths[0] == "-":
		if o.staged || o.atRev {
			return nil, cli.UsageError("- reads standard input, and takes neither --staged nor --rev")
		}
		return o.loadStdin(ctx)
	case o.staged && o.atRev:
		return nil, cli.UsageError("--staged and --rev are mutually exclusive")
	case o.staged:
		open = tree.OpenIndex
	case o.atRev:
		open = func(ctx context.Context, dir string) (*tree.Snapshot, error) {
			return tree.OpenCommit(ctx, dir, o.rev)
		}
	default:
		requests, err := lockroot.FindAnchored(ctx, o.Dir, o.paths)
		if err != nil {
			return nil, err
		}
		return o.Loader(o.cached).Load(ctx, requests)
	}
	snapshot, err := lockroot.OpenSnapshot(ctx, o.Dir, open)
	if err != nil {
		return nil, err
	}
	requests, err := snapshot.Find(ctx, o.Dir, o.paths)
	if err != nil {
		return nil, err
	}
	loader := o.Loader(false)
	loader.Open = snapshot.Open
	return loader.Load(ctx, requests)
}

const (
	// maxStdin bounds what is read from standard input, in bytes.
	maxStdin = 1 << 30
	// stdinName is what findings call standard input.
	stdinName = "<stdin>"
)

// loadStdin reads rendered manifests, to be judged by the work tree's lock.
func (o *verifyOptions) loadStdin(ctx context.Context) ([]*lockroot.Root, error) {
	requests, err := lockroot.FindAnchored(ctx, o.Dir, nil)
	if err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(o.Stdin, maxStdin+1))
	if err != nil {
		return nil, err
	}
	if len(src) > maxStdin {
		return nil, cli.UsageError("standard input holds more than %d bytes", maxStdin)
	}
	r, err := o.Loader(false).LoadStream(ctx, requests[0].Dir, stdinName, src)
	return []*lockroot.Root{r}, err
}

// judge adds the findings of one lock root, and counts its references.
func (o *verifyOptions) judge(
	ctx context.Context, r *lockroot.Root, verdicts *evidence.UserCache, out *report.Report,
) error {
	judge, err := newJudge(ctx, o.IO, r, o.policies)
	if err != nil {
		return err
	}
	if judge.Policies.Len() > 0 {
		judge.Cache = verdicts.For(ctx, r.Dir)
	}
	progress := o.Progress("verifying")
	in := judge.Input(r, time.Now(), progress.Step)
	in.Self = o.own(r)
	progress.Done()
	if o.policies != nil {
		in.Explain = "plumb policy check " + o.policies.Flags
	}
	for i := range r.Files {
		if r.Covers(r.Files[i].Path) {
			out.Summary.References += len(r.Files[i].References)
		}
	}
	for _, f := range append(verify.Check(in), judge.Idle(r)...) {
		if f.Rule == verify.LockRule || r.Covers(f.File) {
			out.Findings = append(out.Findings, o.shown(r, f))
		}
	}
	// No policy asks for signatures until somebody says what is meant: so it stands in
	// the document, and in a report for people it is no finding but a word in the summary.
	if f, ok := judge.Undecided(r); ok && o.JSON() {
		out.Findings = append(out.Findings, o.shown(r, f))
	} else if ok {
		out.Summary.Undecided = true
	}
	return nil
}

// selfFlag reads --self; nil where it is not given.
func selfFlag(c *ucli.Context) ([]config.Self, error) {
	if !c.IsSet("self") {
		return nil, nil
	}
	out := []config.Self{}
	for _, text := range c.StringSlice("self") {
		s, ok := config.ParseSelf(text)
		if !ok {
			return nil, cli.UsageError("--self %s: not the URL of a git repository", text)
		}
		out = append(out, s)
	}
	return out, nil
}

// own are the URLs of the repository that r is in. The author of a tree writes its
// plumb.yaml, so with external policies only the command line can name them.
func (o *verifyOptions) own(r *lockroot.Root) []config.Self {
	switch {
	case o.self != nil:
		return o.self
	case o.policies != nil:
		return nil
	}
	return r.Config.Self
}

// shown is a finding with its file as the report names it.
func (o *verifyOptions) shown(r *lockroot.Root, f verify.Finding) verify.Finding {
	if f.File == stdinName {
		return f
	}
	if head, ok := strings.CutSuffix(f.Fix, " "+f.File); ok {
		f.Fix = head + " " + shell.Word(o.Display(r.Dir, f.File))
	}
	f.File = o.Placed(r.Dir, f.File)
	for i := 0; f.FixAll != "" && i < len(o.paths); i++ {
		f.FixAll += " " + shell.Word(o.paths[i])
	}
	return f
}

// print prints the report, and ends the command with its exit status.
func (o *verifyOptions) print(r *report.Report, online *planreport.Failures, pins int) error {
	r.Findings = verify.Sort(r.Findings)
	r.Failures = online.All
	r.Summary.Count(r.Findings)
	stream := len(o.paths) == 1 && o.paths[0] == "-"
	code := max(online.Code(), exitStatus[verify.OutcomeOf(r.Findings, stream)])
	r.OK = code == cli.ExitYes
	if err := o.write(r, online, pins); err != nil {
		return err
	}
	return cli.Status(code)
}

// exitStatus has the exit status of each outcome.
var exitStatus = map[verify.Outcome]int{verify.Passed: cli.ExitYes, verify.Rejected: cli.ExitNo,
	verify.Invalid: cli.ExitUsage, verify.Unknown: cli.ExitCannotTell}

// write writes the report in the format that was asked for.
func (o *verifyOptions) write(r *report.Report, online *planreport.Failures, pins int) error {
	switch o.Format {
	case cli.JSON:
		return report.JSON(o.Stdout, *r)
	case cli.SARIF:
		return report.SARIF(o.Stdout, *r)
	case cli.JUnit:
		return report.JUnit(o.Stdout, *r)
	case cli.GitLab:
		return report.GitLab(o.Stdout, *r)
	case cli.Markdown:
		if err := report.Markdown(o.Stdout, *r); err != nil {
			return err
		}
	case cli.GitHub:
		if err := report.GitHub(o.Stdout, *r); err != nil {
			return err
		}
	default:
		o.Printf("%s", report.ChangesText(r.Changes, o.Bold))
		planreport.PrintFindings(o.IO, r, o.unlocked, o.all)
		online.Print(o.IO, "querying", pins)
	}
	o.Hintf("%s\n", r.Summary)
	return nil
}
