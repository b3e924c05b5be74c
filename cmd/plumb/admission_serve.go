package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
	"github.com/plumb-dev/plumb/verify/cluster"
)

func admissionServeCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:  "serve",
		Usage: "run the validating admission webhook",
		Description: `Serves a validating webhook. It loads a lock with its evidence and policies,
verifies all of it, and answers from memory. A lock that does not verify is
rejected, and the last good one stays in use. Without a lock it denies
everything.`,
		UsageText: `# Serve the lock of a git repository
plumb admission serve --git https://git.example.org/acme/cluster.git \
  --credentials /etc/plumb/git --state /var/lib/plumb \
  --cert tls.crt --key tls.key

# Serve the lock of a directory, by the policies of the cluster
plumb admission serve --dir /var/lib/cluster --path clusters/prod \
  --policy /etc/plumb/policies --trust /etc/plumb/trusted_root.json \
  --cert tls.crt --key tls.key --exempt kube-system`,
		Flags: append(append(append(sourceFlags(), reloaderFlags()...), ruleFlags()...),
			listenFlags()...),
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb admission serve takes no arguments\n%s",
					cli.HelpHint(c))
			}
			return (&admissionServeOptions{io}).run(c)
		},
	}
}

func reloaderFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.DurationFlag{Name: "interval", Value: time.Minute, Category: cli.CategorySource,
			Usage: "check for a new lock every `DURATION`"},
		&ucli.StringFlag{Name: "state", Category: cli.CategorySource,
			Usage: "keep the last good lock in `DIR`, and start with it if the source is not " +
				"available"},
		&ucli.DurationFlag{Name: "max-age", Category: cli.CategorySource,
			Usage: "deny everything if the lock has not been confirmed for `DURATION`; 0 for " +
				"never"},
	}
}

func listenFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "listen", Value: ":8443", Category: cli.CategoryServer,
			Usage: "serve API servers at `ADDRESS`"},
		&ucli.StringFlag{Name: "listen-metrics", Value: ":9090", Category: cli.CategoryServer,
			Usage: "serve /metrics, /healthz, /readyz and /signal at `ADDRESS`; empty to disable"},
		&ucli.StringFlag{Name: "cert", Category: cli.CategoryCertificate,
			Usage: "serve with the certificate in `FILE` (PEM); reloaded when it changes"},
		&ucli.StringFlag{Name: "key", Category: cli.CategoryCertificate,
			Usage: "the private key of --cert, in `FILE` (PEM)"},
		&ucli.StringFlag{Name: "self-signed", Category: cli.CategoryCertificate,
			Usage: "create the certificate, and share it between replicas by a Secret: " +
				"`NAMESPACE/SERVICE/SECRET`"},
		&ucli.StringFlag{Name: "webhook", Category: cli.CategoryCertificate,
			Usage: "with --self-signed: keep the caBundle of the ValidatingWebhookConfiguration " +
				"`NAME` up to date (default: SERVICE)"},
		&ucli.DurationFlag{Name: "drain", Category: cli.CategoryServer,
			Usage: "on termination, keep answering for `DURATION`, not ready, until API servers " +
				"use another replica"},
		&ucli.StringFlag{Name: "signal-secret", Category: cli.CategoryServer,
			Usage: "accept signals of new commits at /signal that are authenticated by the " +
				"secret in `FILE`"},
		&ucli.StringFlag{Name: "log", Value: "json", Category: cli.CategoryServer,
			Usage: "write the log to stderr as `FORMAT`: json or text"},
	}
}

// admissionServeOptions are what plumb admission serve is to do.
type admissionServeOptions struct{ *cli.IO }

func (o *admissionServeOptions) run(c *ucli.Context) error {
	debug.SetGCPercent(100) // the setting for short runs wastes memory in a server
	log, err := o.logger(c)
	if err != nil {
		return err
	}
	rules, err := rulesOf(c)
	if err != nil {
		return err
	}
	reloader, err := o.reloader(c, log)
	if err != nil {
		return err
	}
	metrics := webhook.NewMetrics(reloader)
	reloader.Observe = webhook.ObserveReloads(c.Context, log, reloader, metrics, eventRecorder(c, log))
	srv := &webhook.Server{Listen: c.String("listen"), Observe: c.String("listen-metrics"),
		Reloader: reloader, Metrics: metrics, Log: log, Drain: c.Duration("drain"),
		Handler: &webhook.Handler{State: reloader.State, Rules: rules,
			Observe: func(q *admission.Request, d admission.Decision, took time.Duration) {
				metrics.Reviewed(d, took)
				webhook.LogDecision(c.Context, log, q, d, took)
			}},
		Ready: func(listen, observe string) {
			log.Info("listening", "webhook", listen, "metrics", observe)
		},
	}
	if srv.Secret, err = secretOf(c); err != nil {
		return err
	}
	keep, err := certify(c, srv, log)
	if err != nil {
		return err
	}
	if err := webhook.RunBoth(c.Context, srv.Run, keep); err != nil {
		return cli.CannotTell(err)
	}
	log.Info("stopped")
	return nil
}

// logger writes to stderr.
func (o *admissionServeOptions) logger(c *ucli.Context) (*slog.Logger, error) {
	level := slog.LevelInfo
	if o.Verbose {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	switch format := c.String("log"); format {
	case "json":
		return slog.New(slog.NewJSONHandler(o.Stderr, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(o.Stderr, options)), nil
	default:
		return nil, cli.UsageError("--log %s: must be json or text", format)
	}
}

// reloader returns a reloader for the flags.
func (o *admissionServeOptions) reloader(
	c *ucli.Context, log *slog.Logger,
) (*admission.Reloader, error) {
	roots, err := rootsOf(c)
	if err != nil {
		return nil, err
	}
	policies, err := ownPolicies(c)
	if err != nil {
		return nil, err
	}
	if policies == nil {
		log.Warn("anyone with write access to the repository can change these policies; use " +
			"--policy for cluster-owned ones")
	}
	from, err := sourceOf(c, roots)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"interval", "max-age", "drain"} {
		if c.Duration(name) < 0 {
			return nil, cli.UsageError("--%s %s: must not be negative", name, c.Duration(name))
		}
	}
	r := &admission.Reloader{Source: from, Roots: roots, Policies: policies,
		Interval: c.Duration("interval"), MaxAge: c.Duration("max-age")}
	if dir := c.String("state"); dir != "" {
		r.Save = func(v source.Version) error { return source.Save(dir, v) }
		startSaved(c, r, dir, log)
	}
	return r, nil
}

// startSaved starts a reloader with the lock that an earlier process saved, if that is of the
// same source and verifies.
func startSaved(c *ucli.Context, r *admission.Reloader, dir string, log *slog.Logger) {
	v, at, err := source.Load(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = source.CheckOrigin(r.Source, v, c.IsSet("trust-commits"))
	}
	if err == nil {
		err = r.Start(c.Context, v, at)
	}
	if err != nil {
		log.Error("not serving the saved lock", "dir", dir, "error", err)
		return
	}
	log.Info("serving the saved lock", "commit", v.Commit, "source", v.Source, "saved", at)
}

// secretOf reads the secret of signals; nil without the flag.
func secretOf(c *ucli.Context) ([]byte, error) {
	name := c.String("signal-secret")
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, cli.UsageError("--signal-secret: %w", err)
	}
	if data = bytes.TrimSpace(data); len(data) < 16 {
		return nil, cli.UsageError("--signal-secret %s: must have at least 16 bytes", name)
	}
	return data, nil
}

// certify gives a server its certificate, and returns what has to run to keep it; nil
// if nothing has.
func certify(c *ucli.Context, srv *webhook.Server,
	log *slog.Logger) (func(context.Context), error) {
	file, key := c.String("cert"), c.String("key")
	switch {
	case c.IsSet("self-signed") && (file != "" || key != ""):
		return nil, cli.UsageError("--self-signed and --cert are mutually exclusive")
	case c.IsSet("self-signed"):
		return selfSigned(c, srv, log)
	case c.IsSet("webhook"):
		return nil, cli.UsageError("--webhook requires --self-signed")
	case file == "" || key == "":
		return nil, cli.UsageError("no certificate: set --cert and --key, or --self-signed\n%s",
			cli.HelpHint(c))
	}
	pair, err := webhook.NewCertificateFile(file, key, func(err error) {
		log.Error("still serving the old certificate", "error", err)
	})
	if err != nil {
		return nil, cli.UsageError("%w", err)
	}
	srv.Certificate = pair.Get
	return nil, nil
}

func selfSigned(c *ucli.Context, srv *webhook.Server,
	log *slog.Logger) (func(context.Context), error) {
	parts := strings.Split(c.String("self-signed"), "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return nil, cli.UsageError("--self-signed %s: must be NAMESPACE/SERVICE/SECRET",
			c.String("self-signed"))
	}
	client, err := kubeClient(c)
	if err != nil {
		return nil, cli.UsageError("--self-signed: %w", err)
	}
	kept := &webhook.SelfSigned{Cluster: client, Namespace: parts[0], Service: parts[1],
		Secret: parts[2], Webhook: c.String("webhook"),
		Failed: func(err error) {
			log.Error("the certificate or its caBundle may be out of date", "error", err)
		}}
	if kept.Webhook == "" {
		kept.Webhook = kept.Service
	}
	srv.Certificate = kept.Get
	return kept.Run, nil
}

// eventRecorder records Events about this process's Pod; nil where it is in no cluster.
func eventRecorder(c *ucli.Context, log *slog.Logger) *cluster.EventRecorder {
	client, err := kubeClient(c)
	if err != nil {
		return nil
	}
	return cluster.NewEventRecorder(client, func(err error) {
		log.Debug("the Event was not created", "error", err)
	})
}
