package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
	"github.com/plumb-dev/plumb/verify/cluster"
)

// kubeClient asks the API server that the flags mean.
func kubeClient(c *ucli.Context) (*cluster.Client, error) {
	if name := c.String("kubeconfig"); name != "" {
		return cluster.FromKubeconfig(name)
	}
	return cluster.InCluster()
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

// runBoth runs a server, and what keeps its certificate for as long.
func runBoth(ctx context.Context, serve func(context.Context) error,
	keep func(context.Context)) error {
	ctx, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	if keep != nil {
		group.Go(func() { keep(ctx) })
	}
	return serve(ctx)
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
