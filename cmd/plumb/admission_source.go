package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/policy"
)

// sourceFlags say where the lock comes from, and what it is judged by.
func sourceFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "git", Usage: "the lock is in the git repository at `URL`: https, ssh, or file for one on disk"},
		&cli.StringFlag{Name: "branch", Value: "main", Usage: "the `BRANCH` of --git"},
		&cli.StringFlag{Name: "credentials", Usage: "`DIR` with username, password, token, ssh-privatekey, known_hosts, ca.crt, as far as --git needs them; read anew each time"},
		&cli.BoolFlag{Name: "allow-rollback", Usage: "take commits of --git that do not come after the one that is served"},
		&cli.StringFlag{Name: "dir", Usage: "the repository's tree is in `DIR`, which something else keeps up to date"},
		&cli.StringSliceFlag{Name: "path", Usage: "serve the lock root at `PATH[=NAMESPACE,…]` of the repository, for these namespaces or for all that no other root governs; may be given more than once; the top by default"},
	}, outsideFlags()...)
}

// sourceOf is where the flags say that the lock comes from.
func sourceOf(c *cli.Context, roots []admission.Root) (source.Source, error) {
	dir, url := c.String("dir"), c.String("git")
	switch {
	case dir != "" && url != "":
		return nil, usageError("--git and --dir exclude one another")
	case dir != "":
		for _, name := range []string{"branch", "credentials", "allow-rollback"} {
			if c.IsSet(name) {
				return nil, usageError("--%s goes with --git", name)
			}
		}
		return source.NewDir(dir, pathsOf(roots)), nil
	case url != "":
		g, err := source.NewGit(source.GitOptions{URL: url, Branch: c.String("branch"), Roots: pathsOf(roots),
			Credentials: c.String("credentials"), AllowRollback: c.Bool("allow-rollback")})
		if err != nil {
			return nil, usageError("--git: %w", err)
		}
		return g, nil
	}
	return nil, usageError("where does the lock come from? --git URL or --dir DIR\n%s", helpHint(c))
}

// rootsOf reads --path.
func rootsOf(c *cli.Context) ([]admission.Root, error) {
	values := c.StringSlice("path")
	if len(values) == 0 {
		return []admission.Root{{Path: "."}}, nil
	}
	var out []admission.Root
	for _, v := range values {
		path, namespaces, named := strings.Cut(v, "=")
		r := admission.Root{Path: path}
		if named {
			r.Namespaces = strings.Split(namespaces, ",")
		}
		if path == "" || named && namespaces == "" {
			return nil, usageError("--path %s: write PATH, or PATH=NAMESPACE,NAMESPACE", v)
		}
		out = append(out, r)
	}
	return out, nil
}

func pathsOf(roots []admission.Root) []string {
	var out []string
	for _, r := range roots {
		out = append(out, r.Path)
	}
	return out
}

// ownPolicies reads the cluster's own policies each time that it is called; nil if
// there are none.
func ownPolicies(c *cli.Context) (func() (*policy.Set, error), error) {
	set, err := outsidePolicies(c)
	if set == nil || err != nil {
		return nil, err
	}
	return func() (*policy.Set, error) { return outsidePolicies(c) }, nil
}
