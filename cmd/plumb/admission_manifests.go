package main

import (
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/verify/admission/install"
)

func admissionManifestsCommand(s *session) *cli.Command {
	return &cli.Command{
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
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "image", Usage: "run `IMAGE`, plumb's own, with its sha256 digest"},
			&cli.StringFlag{Name: "namespace", Aliases: []string{"n"}, Value: "plumb-system", Usage: "install it in `NAMESPACE`, in which nothing is judged"},
			&cli.IntFlag{Name: "replicas", Value: 2, Usage: "run `N` of it"},
			&cli.StringFlag{Name: "git", Usage: "the lock is in the git repository at `URL`"},
			&cli.StringFlag{Name: "branch", Value: "main", Usage: "on `BRANCH`"},
			&cli.StringSliceFlag{Name: "path", Usage: "at `PATH[=NAMESPACE,…]`, for these namespaces or for all; may be given more than once; the top by default"},
			&cli.StringFlag{Name: "credentials", Usage: "`SECRET` has what git asks for: username and password, token, or ssh-privatekey and known_hosts; ca.crt"},
			&cli.StringFlag{Name: "trust-commits", Usage: "the file signers in `SECRET` says who may sign commits"},
			&cli.StringFlag{Name: "policy", Usage: "`CONFIGMAP` has the cluster's own policies, before which the repository's have no say"},
			&cli.StringSliceFlag{Name: "resource", Usage: "judge the custom resources `GROUP/PLURAL` too; may be given more than once"},
			&cli.BoolFlag{Name: "self-signed", Usage: "let it make its own certificate"},
			&cli.BoolFlag{Name: "cert-manager", Usage: "ask cert-manager for a certificate"},
			&cli.StringFlag{Name: "ca-bundle", Usage: "the certificate is in the Secret plumb-admission-tls, and `FILE` (PEM) vouches for it"},
		}, ruleFlags()...),
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return usageError("plumb admission manifests takes no arguments\n%s", helpHint(c))
			}
			if s.json {
				return usageError("--output json: manifests are printed as YAML")
			}
			o, err := s.manifestsOptions(c)
			if err != nil {
				return err
			}
			return s.printGenerated(install.Manifests(o))
		},
	}
}

func (s *session) manifestsOptions(c *cli.Context) (install.Options, error) {
	var o install.Options
	for _, name := range []string{"image", "git"} {
		if c.String(name) == "" {
			return o, usageError("--%s is missing\n%s", name, helpHint(c))
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
		return o, usageError("--replicas %d: is not at least 1", o.Replicas)
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
func (s *session) certificates(c *cli.Context) (install.Certificates, []byte, error) {
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
		return 0, nil, usageError("where does the webhook's certificate come from? one of --self-signed, --cert-manager and --ca-bundle FILE\n%s", helpHint(c))
	}
	if chosen[0] != install.CABundle {
		return chosen[0], nil, nil
	}
	name := c.String("ca-bundle")
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.dir, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, nil, usageError("--ca-bundle: %w", err)
	}
	return chosen[0], data, nil
}
