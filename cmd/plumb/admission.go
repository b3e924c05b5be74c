package main

import (
	"context"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/cluster"
	commits "github.com/plumb-dev/plumb/verify/commit"
	"github.com/plumb-dev/plumb/verify/policy"
)

func admissionCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:     "admission",
		Category: cli.CategoryCluster,
		Usage:    "admit only locked images to a cluster",
		Description: `Enforces plumb.lock in a cluster: by a validating webhook, which also checks
signatures, or by a ValidatingAdmissionPolicy, which needs no webhook.`,
		UsageText: `# Explain whether a Pod would be admitted
plumb admission explain -f pod.yaml

# Print the manifests that install the webhook
plumb admission manifests --git https://git.example.org/acme/cluster.git \
  --image registry.example.org/plumb@sha256:… --cert-manager

# Print the lock as a ValidatingAdmissionPolicy
plumb admission policy --exempt kube-system`,
		Subcommands: []*ucli.Command{admissionServeCommand(io), admissionExplainCommand(io),
			admissionManifestsCommand(io), admissionPolicyCommand(io)},
		Action: cli.Subcommands("serve", "explain", "manifests", "policy"),
	}
}

// ruleFlags say what the cluster has to say besides the lock.
func ruleFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "mode", Value: "enforce", Category: cli.CategoryRules,
			Usage: "on an image that is not locked take `ACTION`: enforce, warn or audit"},
		&ucli.StringFlag{Name: "existing", Category: cli.CategoryRules,
			Usage: "if `warn`, admit updates that change no image, with a warning"},
		&ucli.StringSliceFlag{Name: "exempt", Category: cli.CategoryRules,
			Usage: "admit everything in `NAMESPACE`"},
		&ucli.StringSliceFlag{Name: "break-glass", Category: cli.CategoryRules,
			Usage: "allow `USER-OR-GROUP` to bypass plumb by the label " +
				admission.BreakGlassLabel +
				" on an object; its value is the reason"},
	}
}

// rulesOf reads ruleFlags.
func rulesOf(c *ucli.Context) (admission.Rules, error) {
	mode, err := admission.ParseMode(c.String("mode"))
	if err != nil {
		return admission.Rules{}, cli.UsageError("--mode: %w", err)
	}
	r := admission.Rules{Mode: mode, Exempt: c.StringSlice("exempt"),
		BreakGlass: c.StringSlice("break-glass")}
	switch existing := c.String("existing"); {
	case existing == "warn":
		r.Existing = true
	case c.IsSet("existing"):
		return admission.Rules{}, cli.UsageError("--existing %s: must be warn", existing)
	}
	return r, nil
}

// sourceFlags say where the lock comes from, and what it is judged by.
func sourceFlags() []ucli.Flag {
	return append([]ucli.Flag{
		&ucli.StringFlag{Name: "git", Category: cli.CategorySource,
			Usage: "read the lock from the git repository at `URL`: https, ssh, or a path on disk"},
		&ucli.StringFlag{Name: "branch", Value: "main", Category: cli.CategorySource,
			Usage: "with --git: the branch `NAME`"},
		&ucli.StringFlag{Name: "credentials", Category: cli.CategorySource,
			Usage: "with --git: read username, password, token, ssh-privatekey, known_hosts and " +
				"ca.crt from `DIR`, each time"},
		&ucli.BoolFlag{Name: "allow-rollback", Category: cli.CategorySource,
			Usage: "with --git: accept commits that are not descendants of the one that is served"},
		&ucli.StringSliceFlag{Name: "trust-commits", Category: cli.CategorySource,
			Usage: "with --git: accept only commits that are signed by a key or identity in " +
				"`FILE` (OpenSSH allowed_signers, armored OpenPGP keys, or gitsign identities)"},
		&ucli.StringFlag{Name: "configmap", Category: cli.CategorySource,
			Usage: "read the lock from the ConfigMap `NAMESPACE/NAME`: plumb.lock, evidence and " +
				"policies as keys, or the tree as plumb.tar.gz"},
		&ucli.StringFlag{Name: "kubeconfig", Category: cli.CategorySource,
			Usage: "connect to the API server of the current context in `FILE`, not by the " +
				"service account of the Pod"},
		&ucli.StringFlag{Name: "dir", Category: cli.CategorySource,
			Usage: "read the lock from the repository at `PATH`, which another program keeps up " +
				"to date"},
		&ucli.StringSliceFlag{Name: "path", Category: cli.CategorySource,
			Usage: "serve the lock root `DIR[=NAMESPACE,…]` of the repository, for these " +
				"namespaces or for all that no other lock root serves; the top by default"},
	}, cli.PolicyFlags()...)
}

// sourceOf is where the flags say that the lock comes from.
func sourceOf(c *ucli.Context, roots []admission.Root) (source.Source, error) {
	var named []string
	for _, name := range []string{"git", "dir", "configmap"} {
		if c.String(name) != "" {
			named = append(named, name)
		}
	}
	switch {
	case len(named) == 0:
		return nil, cli.UsageError("no lock source: set --git, --dir or --configmap\n%s",
			cli.HelpHint(c))
	case len(named) > 1:
		return nil, cli.UsageError("--%s and --%s are mutually exclusive", named[0], named[1])
	case named[0] == "git":
		return gitSource(c, roots)
	}
	for _, name := range []string{"branch", "credentials", "allow-rollback", "trust-commits"} {
		if c.IsSet(name) {
			return nil, cli.UsageError("--%s requires --git", name)
		}
	}
	if named[0] == "dir" {
		return source.NewDir(c.String("dir"), pathsOf(roots)), nil
	}
	return configMapSource(c)
}

func gitSource(c *ucli.Context, roots []admission.Root) (source.Source, error) {
	o := source.GitOptions{URL: c.String("git"), Branch: c.String("branch"), Roots: pathsOf(roots),
		Credentials: c.String("credentials"), AllowRollback: c.Bool("allow-rollback")}
	if files := commits.Files(c.StringSlice("trust-commits")); len(files) > 0 {
		if _, err := files.Read(); err != nil {
			return nil, cli.UsageError("--trust-commits: %w", err)
		}
		o.VerifyCommit = files.Check
	}
	g, err := source.NewGit(o)
	if err != nil {
		return nil, cli.UsageError("--git: %w", err)
	}
	return g, nil
}

func configMapSource(c *ucli.Context) (source.Source, error) {
	namespace, name, ok := strings.Cut(c.String("configmap"), "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return nil, cli.UsageError("--configmap %s: must be NAMESPACE/NAME", c.String("configmap"))
	}
	client, err := kubeClient(c)
	if err != nil {
		return nil, cli.UsageError("--configmap: %w", err)
	}
	return source.NewConfigMap(namespace+"/"+name,
		func(ctx context.Context) (map[string][]byte, error) {
			return client.ConfigMapData(ctx, namespace, name)
		}), nil
}

// rootsOf reads --path.
func rootsOf(c *ucli.Context) ([]admission.Root, error) {
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
			return nil, cli.UsageError("--path %s: must be PATH or PATH=NAMESPACE,NAMESPACE", v)
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
func ownPolicies(c *ucli.Context) (func() (*policy.Set, error), error) {
	set, err := cli.ReadExternalPolicies(c)
	if set == nil || err != nil {
		return nil, err
	}
	return func() (*policy.Set, error) {
		set, err := cli.ReadExternalPolicies(c)
		return set.Policies(), err
	}, nil
}

// kubeClient is a client of the API server that the flags mean.
func kubeClient(c *ucli.Context) (*cluster.Client, error) {
	if name := c.String("kubeconfig"); name != "" {
		return cluster.FromKubeconfig(name)
	}
	return cluster.InCluster()
}
