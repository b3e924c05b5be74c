package main

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver/tuf"
	"github.com/plumb-dev/plumb/verify/policy"
)

func policyTrustCommand(s *session) *ucli.Command {
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
			&ucli.StringFlag{Name: "to", Usage: "write the trust root for policies that name none to `FILE`"},
			&ucli.StringFlag{Name: "mirror", Usage: "fetch the trust root for policies that name none from the TUF repository at `URL`"},
			&ucli.StringFlag{Name: "root", Usage: "with --mirror: start from the root.json in `FILE`, not from that of the public instance"},
			&ucli.BoolFlag{Name: "replace", Usage: "replace a trusted_root.json that this command did not write"},
			cli.TimeoutFlag(),
		},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb policy trust takes no arguments")
			}
			o := trustOptions{to: c.String("to"), replace: cli.IsSet(c, "replace"), source: tuf.Public(), mirrored: c.IsSet("mirror")}
			if o.mirrored {
				o.source.URL = c.String("mirror")
			}
			if c.IsSet("root") {
				var err error
				if o.source.Root, err = os.ReadFile(c.String("root")); err != nil {
					return cli.UsageError("--root: %w", err)
				}
				if !o.mirrored {
					return cli.UsageError("--root goes with --mirror")
				}
			}
			ctx, stop, err := cli.Limit(c)
			if err != nil {
				return err
			}
			defer stop()
			return cli.TimedOut(ctx, s.policyTrust(ctx, o, lockMode{check: cli.IsSet(c, "check")}))
		},
	}
}

// trustOptions say what the root for policies that name none is.
type trustOptions struct {
	to       string // path as the command line has it
	replace  bool
	source   tuf.Source
	mirrored bool // the command line names the source
}

// trusting is a trust root that is fetched, in the document
// plumb.dev/policy-trust/v1.
type trusting struct {
	Name    string   `json:"name"` // of the TrustRoot, "" for the one of policies that name none
	From    string   `json:"from"`
	File    string   `json:"file"` // or folder
	Changed bool     `json:"changed"`
	Added   []string `json:"added"` // what is trusted from now on
	Removed []string `json:"removed"`

	source tuf.Source
	place  func(file string) string // path in the lock root of a file of the repository
	parts  func(files func(string) ([]byte, error)) ([]string, error)
}

// trustTimeout bounds one request, to its last byte.
const trustTimeout = time.Minute

func (s *session) policyTrust(ctx context.Context, o trustOptions, m lockMode) error {
	requests, err := s.requests(ctx, nil)
	if err != nil {
		return err
	}
	w := &writers{s: s, dry: m.dry(), trees: map[string]*tree.WorkTree{}}
	defer w.unlock()
	t, err := w.open(ctx, requests[0].dir)
	if err != nil {
		return cli.CannotTell(err)
	}
	r := &root{dir: requests[0].dir, tree: t}
	if err := r.read(ctx, s); err != nil {
		return err
	}
	all, err := s.trustings(ctx, r, o)
	if err != nil {
		return err
	}
	one := rewriting{root: r, work: w.trees[r.dir]}
	client := &http.Client{Timeout: trustTimeout}
	for i := range all {
		writes, err := s.fetchTrust(ctx, r, client, &all[i], o.replace)
		if err != nil {
			return err
		}
		one.writes = append(one.writes, writes...)
	}
	return s.rewrite(ctx, []rewriting{one}, m, func(code int) error { return s.printTrust(all, code) })
}

// trustings are what the policies of a lock root want.
func (s *session) trustings(ctx context.Context, r *root, o trustOptions) ([]trusting, error) {
	docs, err := r.policyFiles(ctx)
	if err != nil {
		return nil, s.unreadPolicies(r, err)
	}
	read := func(name string) ([]byte, error) { return r.tree.Read(ctx, name) }
	wants, err := policy.WantsOf(docs, policy.Options{ReadFile: read})
	if err != nil {
		return nil, cli.AsUsage(err)
	}
	var all []trusting
	for _, remote := range wants.Remotes {
		all = append(all, trusting{
			Name: remote.Name, From: remote.URL, File: remote.Dir,
			source: tuf.Source{URL: remote.URL, Root: remote.Root, Targets: remote.Targets, Target: remote.Target},
			place:  func(file string) string { return remote.Dir + "/" + file },
			parts: func(files func(string) ([]byte, error)) ([]string, error) {
				m, err := remote.Trusted(files)
				return policy.Parts(m), err
			},
		})
	}
	if !wants.Public && wants.PublicFile == "" && o.to == "" && !o.mirrored {
		return all, nil
	}
	file, err := s.trustedRootFile(ctx, r, docs, wants.PublicFile, o.to)
	if err != nil {
		return nil, err
	}
	return append(all, commonTrust(file, o.source)), nil
}

// commonTrust is the root for policies that name none, in a file. Beside it is the metadata by
// which it was verified, for the next time.
func commonTrust(file string, source tuf.Source) trusting {
	const target = "targets/" + tuf.TrustedRoot
	source.Targets, source.Target = "", ""
	dir := strings.TrimSuffix(file, path.Ext(file)) + policy.CopySuffix
	return trusting{
		From: source.URL, File: file, source: source,
		place: func(name string) string {
			if name == target {
				return file
			}
			return dir + "/" + name
		},
		parts: func(files func(string) ([]byte, error)) ([]string, error) {
			data, err := files(target)
			if err != nil {
				return nil, err
			}
			return policy.TrustedRootParts(data)
		},
	}
}

// trustedRootFile is where the root for policies that name none is, or is to be:
// where policies are read.
func (s *session) trustedRootFile(ctx context.Context, r *root, docs []policy.Document, there, to string) (string, error) {
	file := path.Join("policies", tuf.TrustedRoot)
	switch {
	case to != "":
		dir, err := filepath.Rel(r.dir, filepath.Join(s.Dir, to))
		if err != nil || !filepath.IsLocal(dir) {
			return "", cli.UsageError("--to %s: it is outside of %s", to, r.dir)
		}
		file = filepath.ToSlash(dir)
		if there != "" && there != file {
			return "", cli.UsageError("--to %s: the trusted root is %s", to, s.Display(r.dir, there))
		}
	case there != "":
		return there, nil
	case len(docs) > 0:
		file = path.Join(path.Dir(docs[0].File), tuf.TrustedRoot)
	}
	if !r.isPolicy(file) {
		return "", cli.UsageError("%s: policies does not match %s: name it there, or say by --to where the trusted root goes",
			s.Display(r.dir, tree.ConfigFile), file)
	}
	return file, nil
}
