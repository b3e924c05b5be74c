package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver/tuf"
)

func policyTrustCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:  "trust",
		Usage: "fetch the trust roots of policies, to be committed",
		Description: `Copies the TUF repository of each TrustRoot with spec.remote into a directory
beside it, and writes trusted_root.json, the trust root for policies that name
none: that of sigstore's public instance. Each copy is verified from the root
that the TrustRoot holds or that plumb was built with, and never goes back to an
older version. No other command fetches trust roots, so that they change by
commits only.`,
		UsageText: `# Fetch all trust roots
plumb policy trust

# Exit 1 if a trust root is outdated, and write nothing
plumb policy trust --check

# Fetch the default trust root from a mirror
plumb policy trust --mirror=https://tuf.example.org --root=root.json`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a file would change"},
			&ucli.StringFlag{Name: "to",
				Usage: "write the trust root for policies that name none to `FILE`"},
			&ucli.StringFlag{Name: "mirror", Usage: "fetch the trust root for policies that " +
				"name none from the TUF repository at `URL`"},
			&ucli.StringFlag{Name: "root", Usage: "with --mirror: start from the root.json in " +
				"`FILE`, not from that of the public instance"},
			&ucli.BoolFlag{Name: "replace",
				Usage: "replace a trusted_root.json that this command did not write"},
			cli.TimeoutFlag(),
		},
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb policy trust takes no arguments")
			}
			o := &policyTrustOptions{IO: io, check: cli.IsSet(c, "check"), to: c.String("to")}
			o.trust.Replace = cli.IsSet(c, "replace")
			if err := o.readSource(c); err != nil {
				return err
			}
			ctx, stop, err := cli.Limit(c)
			if err != nil {
				return err
			}
			defer stop()
			return cli.TimedOut(ctx, o.run(ctx))
		},
	}
}

// policyTrustOptions are what plumb policy trust is to do.
type policyTrustOptions struct {
	*cli.IO
	check bool
	to    string // as the command line has it
	trust tuf.TrustOptions
}

// readSource reads --mirror and --root.
func (o *policyTrustOptions) readSource(c *ucli.Context) error {
	if !c.IsSet("mirror") {
		if c.IsSet("root") {
			return cli.UsageError("--root needs --mirror")
		}
		return nil
	}
	source := tuf.Public()
	source.URL = c.String("mirror")
	if c.IsSet("root") {
		var err error
		if source.Root, err = os.ReadFile(c.String("root")); err != nil {
			return cli.UsageError("--root: %w", err)
		}
	}
	o.trust.Source = &source
	return nil
}

// requestTimeout bounds one request, to its last byte.
const requestTimeout = time.Minute

func (o *policyTrustOptions) run(ctx context.Context) error {
	requests, err := lockroot.Find(ctx, o.Dir, nil)
	if err != nil {
		return cli.Fail(err)
	}
	w := o.Writer(o.check)
	defer w.Close()
	t, err := w.Open(ctx, requests[0].Dir)
	if err != nil {
		return cli.Fail(err)
	}
	r, err := lockroot.Read(ctx, requests[0].Dir, t, o.Dir)
	if err != nil {
		return cli.Fail(err)
	}
	if o.to != "" {
		file, err := filepath.Rel(r.Dir, filepath.Join(o.Dir, o.to))
		if err != nil || !filepath.IsLocal(file) {
			return cli.UsageError("--to %s: it is outside of %s", o.to, r.Dir)
		}
		o.trust.To = filepath.ToSlash(file)
	}
	all, err := tuf.Trusts(ctx, r, o.trust)
	if err != nil {
		return cli.Fail(err)
	}
	edit := lockroot.Edit{Root: r}
	client := &http.Client{Timeout: requestTimeout,
		Transport: o.Tracing(http.DefaultTransport)}
	for _, t := range all {
		o.Hintf("fetching %s\n", t.From)
		writes, err := t.Fetch(ctx, r, client, o.trust.Replace)
		if err != nil {
			return cli.Fail(err)
		}
		edit.Writes = append(edit.Writes, writes...)
	}
	code, err := rewrite(ctx, o.IO, w, []lockroot.Edit{edit}, false)
	if err != nil {
		return err
	}
	return o.print(all, code)
}

func (o *policyTrustOptions) print(all []*tuf.Trust, code int) error {
	if o.JSON() {
		if err := o.PrintJSON(struct {
			Schema string       `json:"schema"`
			OK     bool         `json:"ok"`
			Roots  []*tuf.Trust `json:"roots"`
		}{"plumb.dev/policy-trust/v1", code == cli.ExitYes, append([]*tuf.Trust{}, all...)}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, t := range all {
		what := "is up to date"
		if t.Changed {
			what = "is outdated"
			if code == cli.ExitYes {
				what = "was written"
			}
		}
		o.Printf("%s %s (%s)\n", o.Bold(cli.SanitizeTerminal(t.File)), what, cli.SanitizeTerminal(t.From))
		for _, line := range t.Added {
			o.Printf("    + %s\n", cli.SanitizeTerminal(line))
		}
		for _, line := range t.Removed {
			o.Printf("    - %s\n", cli.SanitizeTerminal(line))
		}
	}
	if len(all) == 0 {
		o.Hintf("nothing to fetch: the policies hold all that they trust\n")
	}
	return cli.Status(code)
}
