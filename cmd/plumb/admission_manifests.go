package main

import (
	"os"
	"path/filepath"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission/install"
)

func admissionManifestsCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:  "manifests",
		Usage: "print what installs the webhook in a cluster",
		Description: `Prints a namespace with two replicas of plumb admission serve, what they may do and
whom they may talk to, and the ValidatingWebhookConfiguration by which API servers ask
them. API servers deny what they cannot ask about. The image is named by its digest;
make image builds one.

   plumb admission manifests --git https://git.example.org/acme/cluster.git \
      --image registry.example.org/plumb@sha256:… --policy plumb-policies \
      --exempt kube-system --cert-manager | kubectl apply --server-side -f -

What it prints begins with how it is applied so that nothing is denied meanwhile, and
which Secrets and ConfigMaps it wants.`,
		Flags: append([]ucli.Flag{
			&ucli.StringFlag{Name: "image", Usage: "run `IMAGE`, plumb's own, with its sha256 digest"},
			&ucli.StringFlag{Name: "namespace", Aliases: []string{"n"}, Value: "plumb-system", Usage: "install it in `NAMESPACE`, in which nothing is judged"},
			&ucli.IntFlag{Name: "replicas", Value: 2, Usage: "run `N` of it"},
			&ucli.StringFlag{Name: "git", Usage: "the lock is in the git repository at `URL`"},
			&ucli.StringFlag{Name: "branch", Value: "main", Usage: "on `BRANCH`"},
			&ucli.StringSliceFlag{Name: "path", Usage: "at `PATH[=NAMESPACE,…]`, for these namespaces or for all; may be given more than once; the top by default"},
			&ucli.StringFlag{Name: "credentials", Usage: "`SECRET` has what git asks for: username and password, token, or ssh-privatekey and known_hosts; ca.crt"},
			&ucli.StringFlag{Name: "trust-commits", Usage: "the file signers in `SECRET` says who may sign commits"},
			&ucli.StringFlag{Name: "policy", Usage: "`CONFIGMAP` has the cluster's own policies, before which the repository's have no say"},
			&ucli.StringSliceFlag{Name: "resource", Usage: "judge the custom resources `GROUP/PLURAL` too; may be given more than once"},
			&ucli.BoolFlag{Name: "self-signed", Usage: "let it make its own certificate"},
			&ucli.BoolFlag{Name: "cert-manager", Usage: "ask cert-manager for a certificate"},
			&ucli.StringFlag{Name: "ca-bundle", Usage: "the certificate is in the Secret plumb-admission-tls, and `FILE` (PEM) vouches for it"},
		}, ruleFlags()...),
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb admission manifests takes no arguments\n%s", cli.HelpHint(c))
			}
			if s.JSON() {
				return cli.UsageError("--output json: manifests are printed as YAML")
			}
			o, err := s.manifestsOptions(c)
			if err != nil {
				return err
			}
			return s.printGenerated(install.Manifests(o))
		},
	}
}

func (s *session) manifestsOptions(c *ucli.Context) (install.Options, error) {
	var o install.Options
	for _, name := range []string{"image", "git"} {
		if c.String(name) == "" {
			return o, cli.UsageError("--%s is missing\n%s", name, cli.HelpHint(c))
		}
	}
	rules, err := rulesOf(c)
	if err != nil {
		return o, err
	}
	o = install.Options{
		Namespace: c.String("namespace"), Image: c.String("image"), Replicas: c.Int("replicas"),
		Git: c.String("git"), Branch: c.String("branch"), Paths: c.StringSlice("path"),
		Credentials: c.String("credentials"), TrustCommits: c.String("trust-commits"), Policy: c.String("policy"),
		Mode: rules.Mode, Existing: rules.Existing, Exempt: rules.Exempt, BreakGlass: rules.BreakGlass, Resources: c.StringSlice("resource"),
	}
	if o.Replicas < 1 {
		return o, cli.UsageError("--replicas %d: is not at least 1", o.Replicas)
	}
	if len(o.Paths) > 0 {
		if _, err := rootsOf(c); err != nil {
			return o, err
		}
	}
	o.Certificates, o.CABundle, err = s.certificates(c)
	return o, err
}

// certificates reads which one of the three sources of certificates it is.
func (s *session) certificates(c *ucli.Context) (install.Certificates, []byte, error) {
	var chosen []install.Certificates
	for _, choice := range []struct {
		flag string
		is   install.Certificates
	}{{"self-signed", install.SelfSigned}, {"cert-manager", install.CertManager}, {"ca-bundle", install.CABundle}} {
		if c.IsSet(choice.flag) {
			chosen = append(chosen, choice.is)
		}
	}
	if len(chosen) != 1 {
		return 0, nil, cli.UsageError("where does the webhook's certificate come from? one of --self-signed, --cert-manager and --ca-bundle FILE\n%s", cli.HelpHint(c))
	}
	if chosen[0] != install.CABundle {
		return chosen[0], nil, nil
	}
	name := c.String("ca-bundle")
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.Dir, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, nil, cli.UsageError("--ca-bundle: %w", err)
	}
	return chosen[0], data, nil
}
