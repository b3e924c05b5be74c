package main

import (
	"os"
	"path/filepath"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission/install"
)

func admissionManifestsCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:  "manifests",
		Usage: "print the manifests that install the webhook",
		Description: `Prints a namespace with two replicas of plumb admission serve, their permissions
and network policy, and the ValidatingWebhookConfiguration. API servers deny
requests that the webhook does not answer. The image is named by its digest;
make image builds one.

The output begins with comments: how to apply it so that nothing is denied
meanwhile, and which Secrets and ConfigMaps it needs.`,
		UsageText: `# Install the webhook with a certificate from cert-manager
plumb admission manifests --git https://git.example.org/acme/cluster.git \
  --image registry.example.org/plumb@sha256:… --policy plumb-policies \
  --exempt kube-system --cert-manager | kubectl apply --server-side -f -`,
		Flags: append(manifestsFlags(), ruleFlags()...),
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb admission manifests takes no arguments\n%s",
					cli.HelpHint(c))
			}
			if io.JSON() {
				return cli.UsageError("--output json: manifests are printed as YAML")
			}
			o, err := (&admissionManifestsOptions{io}).install(c)
			if err != nil {
				return err
			}
			text, err := install.Manifests(o)
			return printGenerated(io, text, err)
		},
	}
}

// manifestsFlags say what is installed.
func manifestsFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "image", Usage: "run plumb's image `NAME@DIGEST` (a sha256 " +
			"digest)"},
		&ucli.StringFlag{Name: "namespace", Aliases: []string{"n"}, Value: "plumb-system",
			Usage: "install in the namespace `NAME`, in which everything is admitted"},
		&ucli.IntFlag{Name: "replicas", Value: 2, Usage: "run `N` replicas"},
		&ucli.StringFlag{Name: "git", Category: cli.CategorySource,
			Usage: "read the lock from the git repository at `URL`"},
		&ucli.StringFlag{Name: "branch", Value: "main", Category: cli.CategorySource,
			Usage: "with --git: the branch `NAME`"},
		&ucli.StringSliceFlag{Name: "path", Category: cli.CategorySource,
			Usage: "serve the lock root `DIR[=NAMESPACE,…]` of the repository, for these " +
				"namespaces or for all; the top by default"},
		&ucli.StringFlag{Name: "credentials", Category: cli.CategorySource,
			Usage: "read git credentials from `SECRET`: username and password, token, or " +
				"ssh-privatekey and known_hosts; ca.crt"},
		&ucli.StringFlag{Name: "trust-commits", Category: cli.CategorySource,
			Usage: "accept only commits that are signed by a key or identity in the file " +
				"signers of `SECRET`"},
		&ucli.StringFlag{Name: "policy", Category: cli.CategoryPolicy,
			Usage: "check against the policies in `CONFIGMAP`, not those of the repository"},
		&ucli.StringSliceFlag{Name: "resource", Usage: "also check the custom resources " +
			"`GROUP/PLURAL`"},
		&ucli.BoolFlag{Name: "self-signed", Category: cli.CategoryCertificate,
			Usage: "let the webhook create its certificate"},
		&ucli.BoolFlag{Name: "cert-manager", Category: cli.CategoryCertificate,
			Usage: "request a certificate from cert-manager"},
		&ucli.StringFlag{Name: "ca-bundle", Category: cli.CategoryCertificate,
			Usage: "use the certificate in the Secret plumb-admission-tls, issued by the CA " +
				"in `FILE` (PEM)"},
	}
}

// admissionManifestsOptions are what plumb admission manifests is to do.
type admissionManifestsOptions struct{ *cli.IO }

// install reads the flags.
func (m *admissionManifestsOptions) install(c *ucli.Context) (install.Options, error) {
	var o install.Options
	for _, name := range []string{"image", "git"} {
		if c.String(name) == "" {
			return o, cli.UsageError("--%s is required\n%s", name, cli.HelpHint(c))
		}
	}
	rules, err := rulesOf(c)
	if err != nil {
		return o, err
	}
	o = install.Options{
		Namespace: c.String("namespace"), Image: c.String("image"), Replicas: c.Int("replicas"),
		Git: c.String("git"), Branch: c.String("branch"), Paths: c.StringSlice("path"),
		Credentials: c.String("credentials"), TrustCommits: c.String("trust-commits"),
		Policy: c.String("policy"),
		Mode:   rules.Mode, Existing: rules.Existing, Exempt: rules.Exempt,
		BreakGlass: rules.BreakGlass, Resources: c.StringSlice("resource"),
	}
	if o.Replicas < 1 {
		return o, cli.UsageError("--replicas %d: must be at least 1", o.Replicas)
	}
	if len(o.Paths) > 0 {
		if _, err := rootsOf(c); err != nil {
			return o, err
		}
	}
	o.Certificates, o.CABundle, err = m.certificates(c)
	return o, err
}

// certificates reads which one of the three sources of certificates it is.
func (m *admissionManifestsOptions) certificates(
	c *ucli.Context,
) (install.Certificates, []byte, error) {
	var chosen []install.Certificates
	for _, choice := range []struct {
		flag string
		is   install.Certificates
	}{{"self-signed", install.SelfSigned}, {"cert-manager", install.CertManager},
		{"ca-bundle", install.CABundle}} {
		if c.IsSet(choice.flag) {
			chosen = append(chosen, choice.is)
		}
	}
	if len(chosen) != 1 {
		return 0, nil, cli.UsageError("no certificate source: set one of --self-signed, "+
			"--cert-manager and --ca-bundle\n%s", cli.HelpHint(c))
	}
	if chosen[0] != install.CABundle {
		return chosen[0], nil, nil
	}
	name := c.String("ca-bundle")
	if !filepath.IsAbs(name) {
		name = filepath.Join(m.Dir, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, nil, cli.UsageError("--ca-bundle: %w", err)
	}
	return chosen[0], data, nil
}
