package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
	"github.com/plumb-dev/plumb/verify/cluster"
)

func serveCommand(s *session) *ucli.Command {
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
			if err := s.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb admission serve takes no arguments\n%s",
					cli.HelpHint(c))
			}
			return s.serve(c)
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

func (s *session) serve(c *ucli.Context) error {
	debug.SetGCPercent(100) // the setting for short runs wastes memory in a server
	log, err := s.logger(c)
	if err != nil {
		return err
	}
	rules, err := rulesOf(c)
	if err != nil {
		return err
	}
	reloader, err := s.reloader(c, log)
	if err != nil {
		return err
	}
	metrics := webhook.NewMetrics(reloader)
	reloader.Observe = observer(c.Context, log, reloader, metrics, eventRecorder(c, log))
	srv := &webhook.Server{Listen: c.String("listen"), Observe: c.String("listen-metrics"),
		Reloader: reloader, Metrics: metrics, Log: log, Drain: c.Duration("drain"),
		Handler: &webhook.Handler{State: reloader.State, Rules: rules,
			Observe: func(q *admission.Request, d admission.Decision, took time.Duration) {
				metrics.Reviewed(d, took)
				logDecision(c.Context, log, q, d, took)
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
	if err := runBoth(c.Context, srv.Run, keep); err != nil {
		return cli.CannotTell(err)
	}
	log.Info("stopped")
	return nil
}

// logger writes to stderr.
func (s *session) logger(c *ucli.Context) (*slog.Logger, error) {
	level := slog.LevelInfo
	if s.Verbose {
		level = slog.LevelDebug
	}
	o := &slog.HandlerOptions{Level: level}
	switch format := c.String("log"); format {
	case "json":
		return slog.New(slog.NewJSONHandler(s.Stderr, o)), nil
	case "text":
		return slog.New(slog.NewTextHandler(s.Stderr, o)), nil
	default:
		return nil, cli.UsageError("--log %s: must be json or text", format)
	}
}

// reloader returns a reloader for the flags.
func (s *session) reloader(c *ucli.Context, log *slog.Logger) (*admission.Reloader, error) {
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

// observer counts and logs the results of attempts to fetch the lock, and records Events of
// failures. A failure that repeats is logged once.
func observer(ctx context.Context, log *slog.Logger, r *admission.Reloader, m *webhook.Metrics,
	events *cluster.EventRecorder) func(error) {
	last := ""
	return func(err error) {
		m.Refreshed(err)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if said != "" && said == last {
			log.Debug("unchanged failure", "error", err)
			return
		}
		last = said
		logRefresh(log, r, err)
		if err != nil && !errors.Is(err, source.ErrUnchanged) {
			events.Warn(ctx, "NoNewLock", err.Error())
		}
	}
}

// logRefresh logs the result of an attempt to fetch the lock.
func logRefresh(log *slog.Logger, r *admission.Reloader, err error) {
	var refused *source.RefusedError
	status, instead := r.Status(), "still serving the last good one"
	if status.State == nil {
		instead = "there is no lock to serve"
	}
	switch {
	case errors.Is(err, source.ErrUnchanged):
		log.Debug("lock unchanged")
	case errors.As(err, &refused):
		log.Error("new lock rejected; "+instead, "commit", refused.Commit, "reason", refused.Reason)
	case err != nil:
		log.Error("no new lock; "+instead, "error", err)
	default:
		log.Info("serving a new lock", "commit", status.State.Commit, "source", status.State.Source,
			"images", status.State.Images(), "unaccepted", status.State.Unaccepted(), "signer",
			status.State.Signer)
	}
}

// logDecision logs a decision.
func logDecision(ctx context.Context, log *slog.Logger, q *admission.Request, d admission.Decision,
	took time.Duration) {
	level := slog.LevelDebug
	if d.Rule != "" {
		level = slog.LevelInfo
	}
	log.Log(ctx, level, "reviewed", "decision", webhook.Outcome(d), "rule", d.Rule, "operation",
		q.Operation, "namespace", q.Namespace,
		"name", q.Name, "user", q.UserInfo.Username, "uid", q.UID, "message", d.Message, "took",
		took)
}
